/** Words: three languages complete, about equally long, and no word of the page outside the dictionaries. */

import { describe, expect, test } from "vitest";
import en from "../src/i18n/en.json";
import fr from "../src/i18n/fr.json";
import nl from "../src/i18n/nl.json";

const DICTIONARIES: Record<string, Record<string, string>> = { fr, nl, en };
const SOURCES = import.meta.glob("../src/**/*.ts", { query: "?raw", import: "default", eager: true }) as Record<string, string>;

/** The markup of every template of a source, nested ones on their own; a value put in becomes \0. */
function templates(source: string): string[] {
  const found: string[] = [];
  let at = 0;
  /** Reads script up to an unmatched brace; strings are skipped, templates of markup are kept. */
  function script(): void {
    for (let depth = 0; at < source.length; at++) {
      const sign = source[at];
      if (sign === "{") depth++;
      else if (sign === "}" && depth-- === 0) return;
      else if (sign === '"') at = source.indexOf('"', at + 1);
      else if (sign === "/" && source[at + 1] === "/") at = source.indexOf("\n", at);
      else if (sign === "/" && source[at + 1] === "*") at = source.indexOf("*/", at) + 1;
      else if (sign === "`") {
        const markup = source.slice(0, at).endsWith("html");
        const text = template();
        if (markup) found.push(text);
      }
    }
  }
  /** Reads from one backtick to its partner and stays on it. */
  function template(): string {
    let text = "";
    for (at++; source[at] !== "`" && at < source.length; at++) {
      if (source.startsWith("${", at)) {
        at += 2;
        script();
        text += "\0";
      } else if (source[at] === "\\") text += source[++at];
      else text += source[at];
    }
    return text;
  }
  script();
  return found;
}

/** Pieces of text that a template shows as they stand: between tags, or in attributes that are read out. */
function hardCoded(source: string): string[] {
  const found: string[] = [];
  for (const markup of templates(source)) {
    for (const [, words] of markup.matchAll(/(?:aria-label|aria-valuetext|title|placeholder|alt)="([^"]*\p{L}{2}[^"]*)"/gu)) found.push(words);
    const own = markup.replace(/<(\w[\w-]*)[^>]*translate="no"[^>]*>[^<]*<\/\1>/g, "");
    for (const text of own.split(/<[^>]*>/)) for (const words of text.split("\0")) if (/\p{L}{3}/u.test(words)) found.push(words.trim());
  }
  return found;
}

describe("words", () => {
  test("are there in three languages under the same keys", () => {
    for (const [language, words] of Object.entries(DICTIONARIES)) {
      expect(Object.keys(words), language).toEqual(Object.keys(fr));
      for (const [key, text] of Object.entries(words)) expect(text.trim(), `${language} ${key}`).not.toBe("");
    }
  });

  test("take the same places for values in every language", () => {
    const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const key of Object.keys(fr)) {
      for (const words of [nl, en] as Record<string, string>[]) expect(places(words[key]), key).toEqual(places((fr as Record<string, string>)[key]));
    }
  });

  test("are of about equal length, so that no button bursts", () => {
    for (const key of Object.keys(fr)) {
      const lengths = Object.values(DICTIONARIES).map((words) => words[key].length);
      const [most, least] = [Math.max(...lengths), Math.min(...lengths)];
      // 35 per cent beyond the shortest, and ten letters of grace for short words.
      expect(most, key).toBeLessThanOrEqual(least * 1.35 + 10);
    }
  });

  test("never stand in the source itself", () => {
    expect(Object.keys(SOURCES).length).toBeGreaterThan(20);
    for (const [file, source] of Object.entries(SOURCES)) expect(hardCoded(source), file).toEqual([]);
  });

  test("in the source would be noticed", () => {
    expect(hardCoded("html`<p>Hello ${name}</p>`")).toEqual(["Hello"]);
    expect(hardCoded('html`<button aria-label="Close">${icon("x")}</button>`')).toEqual(["Close"]);
    expect(hardCoded("html`<p>${x ? html`<b>Nested</b>` : \"no\"}</p>`")).toEqual(["Nested"]);
    expect(hardCoded("html`<p>${t(\"close\")} · ${{ a: 1 }}</p>`")).toEqual([]);
  });

  test("are all used", () => {
    const all = Object.values(SOURCES).join("\n");
    const families = ["layer.", "tool.", "verdict.", "use.", "problem.", "remedy.", "shown.", "sewers.", "how.sewers.", "field.", "figure.", "mode.", "do.", "street.", "reach."];
    for (const key of Object.keys(fr)) {
      const used = all.includes(`"${key}"`) || families.some((family) => key.startsWith(family) && all.includes(`\`${family}`));
      expect(used, key).toBe(true);
    }
  });
});
