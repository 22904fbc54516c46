/** What is known of the city's buildings for energy: fetched once, filtered on the page. */

import { ask, type Words } from "./api";
import type { Where } from "./energy_forms";

export interface FactWords {
  key: string;
  label: Words;
  units: string;
  low: number | null;
  high: number | null;
  choices: string[];
}

/** Columns along buildings; a number or words, null where nobody knows. */
export interface Stock {
  facts: FactWords[];
  ids: string[];
  columns: Record<string, (number | string | null)[]>;
  sector: (string | null)[];
  sectors: { id: string; name_fr: string; name_nl: string }[];
  /** Buildings that are not listed, for there are too many. */
  left_out: number;
}

export interface FactsRead {
  rows: { building: string; values: Record<string, number | string> }[];
  unknown: string[];
}

let coming: Promise<Stock> | null = null;

/** The stock, asked for once; a failed asking may be tried again. */
export function stockOf(): Promise<Stock> {
  coming ??= ask("/api/city/energy/facts").then(
    async (answer) => (await answer.json()) as Stock,
    (error: unknown) => {
      coming = null;
      throw error;
    },
  );
  return coming;
}

/** Have the server read a file of facts, which names buildings as their owner does. */
export async function readFacts(text: string): Promise<FactsRead> {
  return (await (await ask("/api/city/energy/facts", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ csv: text }) })).json()) as FactsRead;
}

/** Words of a column that stand there, each once. */
export function wordsIn({ columns }: Stock, column: string): string[] {
  return [...new Set((columns[column] ?? []).filter((one): one is string => typeof one === "string" && one !== ""))].sort();
}

/** Rows of the buildings for which all of a filter holds, as the server would choose them. */
export function matching({ ids, columns, sector }: Stock, { uses, year_from, year_to, unknown_years, sectors, owners }: Where): number[] {
  const bound = year_from !== undefined || year_to !== undefined;
  return ids.flatMap((_, row) => {
    const year = columns.year?.[row] as number | null | undefined;
    if (bound && (year === null || year === undefined ? !unknown_years : year < (year_from ?? -Infinity) || year > (year_to ?? Infinity))) return [];
    if (uses?.length && !uses.includes(String(columns.use?.[row]))) return [];
    if (owners?.length && !owners.some((one) => one.toLowerCase() === String(columns.owner?.[row] ?? "").toLowerCase())) return [];
    if (sectors?.length && !sectors.includes(String(sector[row]))) return [];
    return [row];
  });
}
