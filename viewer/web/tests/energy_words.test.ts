/** Words of energy: three languages complete, of about equal length, and all of them used. */

import { describe, expect, test } from "vitest";
import en from "../src/i18n/energy/en.json";
import fr from "../src/i18n/energy/fr.json";
import nl from "../src/i18n/energy/nl.json";

const DICTIONARIES: Record<string, Record<string, string>> = { fr, nl, en };
const SOURCES = import.meta.glob("../src/**/energy*.ts", { query: "?raw", import: "default", eager: true }) as Record<string, string>;

describe("words of energy", () => {
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
      // 35 per cent beyond the shortest, and ten letters of grace for short words.
      expect(Math.max(...lengths), key).toBeLessThanOrEqual(Math.min(...lengths) * 1.35 + 10);
    }
  });

  test("are all used", () => {
    const all = Object.values(SOURCES).join("\n");
    const families = ["tab.", "hours.", "field.", "source.", "state.", "tag.", "kind.", "scope."];
    for (const key of Object.keys(fr)) {
      const used = all.includes(`"${key}"`) || families.some((family) => key.startsWith(family) && all.includes(`\`${family}`));
      expect(used, key).toBe(true);
    }
  });
});
