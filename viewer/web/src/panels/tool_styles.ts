/** How the buttons of tools look, in every panel that has some. */
import { css } from "lit";

export const toolStyles = css`
  .tools {
    display: grid;
    grid-template-columns: repeat(4, 1fr);
    gap: 5px;
  }
  .tools button {
    display: grid;
    grid-template-rows: auto 1fr;
    justify-items: center;
    align-items: center;
    gap: 2px;
    min-width: 0;
    padding: 6px 2px 5px;
    font-size: 11px;
    line-height: 1.15;
    hyphens: auto;
    overflow-wrap: anywhere;
  }
  .tools [aria-pressed="true"],
  .tools [aria-pressed="true"]:hover {
    background: var(--b);
    color: #fff;
    box-shadow: none;
  }
`;
