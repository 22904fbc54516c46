/** What every panel shares: it redraws when a store changes, and it wears the tokens. */

import { css, LitElement } from "lit";
import { session, view } from "../core/state";

export class Panel extends LitElement {
  private stops: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [view.watch(() => this.requestUpdate()), session.watch(() => this.requestUpdate())];
  }

  override disconnectedCallback(): void {
    for (const stop of this.stops) stop();
    super.disconnectedCallback();
  }
}

export const base = css`
  :host {
    display: block;
    color: var(--ink);
    font: 400 14px/1.45 var(--font);
    font-variant-numeric: tabular-nums;
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2 {
    font-size: 13px;
    font-weight: 650;
    letter-spacing: 0.01em;
  }
  .card {
    background: var(--card);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    backdrop-filter: none;
  }
  .quiet {
    color: var(--ink-2);
  }
  .small {
    font-size: 12.5px;
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    border: 0;
    background: none;
    cursor: pointer;
    border-radius: 9px;
    padding: 7px 12px;
    min-height: 34px;
    transition:
      background var(--ease),
      color var(--ease),
      box-shadow var(--ease);
  }
  button:hover:not(:disabled) {
    background: rgb(31 41 51 / 0.06);
  }
  button:disabled {
    cursor: default;
    color: var(--ink-2);
  }
  button.primary {
    background: var(--iris);
    color: #fff;
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    background: #083f80;
  }
  button.plain {
    box-shadow: inset 0 0 0 1px var(--line);
    background: #fff;
  }
  button.icon {
    padding: 0;
    width: 34px;
    display: inline-grid;
    place-items: center;
    flex: none;
  }
  :focus-visible {
    outline: 2.5px solid var(--iris);
    outline-offset: 2px;
  }
  a {
    color: var(--iris);
  }
  svg {
    display: block;
  }
  .letter {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 22px;
    height: 22px;
    border-radius: 7px;
    color: #fff;
    font-weight: 700;
    font-size: 12.5px;
    line-height: 1;
  }
  .letter.a {
    background: var(--a);
  }
  .letter.b {
    background: var(--b);
  }
  input[type="range"] {
    appearance: none;
    width: 100%;
    height: 22px;
    margin: 0;
    background: none;
    cursor: pointer;
  }
  input[type="range"]::-webkit-slider-runnable-track {
    height: 4px;
    border-radius: 2px;
    background: var(--line);
  }
  input[type="range"]::-moz-range-track {
    height: 4px;
    border-radius: 2px;
    background: var(--line);
  }
  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 16px;
    height: 16px;
    margin-top: -6px;
    border-radius: 50%;
    background: var(--iris);
    border: 2.5px solid #fff;
    box-shadow: 0 0 0 1px var(--iris);
  }
  input[type="range"]::-moz-range-thumb {
    width: 12px;
    height: 12px;
    border-radius: 50%;
    background: var(--iris);
    border: 2.5px solid #fff;
    box-shadow: 0 0 0 1px var(--iris);
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
