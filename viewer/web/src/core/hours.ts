/** Hours and days at which something holds, by the clock of Brussels, in the words of a scenario. */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

/** Quarters of an hour in a day. */
export const QUARTERS = 96;
export const WHOLE_DAY = "00:00-24:00";
export const EVERY_DAY = DAYS.join("+");
export const WORKDAYS = DAYS.slice(0, 5).join("+");

const two = (value: number): string => String(value).padStart(2, "0");

/** A number of quarters since midnight as 07:15; 96 is 24:00. */
export function clockOf(quarter: number): string {
  return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
}

/** Hours such as 07:00-11:00 as two numbers of quarters; null where they are none. */
export function quartersOf(hours: string): readonly [number, number] | null {
  const found = /^(\d\d):(00|15|30|45)-(\d\d):(00|15|30|45)$/.exec(hours);
  if (!found) return null;
  const [from, to] = [Number(found[1]) * 4 + Number(found[2]) / 15, Number(found[3]) * 4 + Number(found[4]) / 15];
  return from < QUARTERS && to <= QUARTERS && from !== to ? [from, to] : null;
}

/** Two numbers of quarters as hours; an end that is not after its begin is of the next day. */
export function hoursOf(from: number, to: number): string {
  return `${clockOf(from)}-${clockOf(to)}`;
}

/** Move one handle; the two never meet, as hours without length are none. */
export function moved([from, to]: readonly [number, number], which: "from" | "to", quarter: number): readonly [number, number] {
  if (which === "from") {
    const next = Math.min(QUARTERS - 1, Math.max(0, quarter));
    return next === to ? [from < to ? to - 1 : Math.min(to + 1, QUARTERS - 1), to] : [next, to];
  }
  const next = Math.min(QUARTERS, Math.max(1, quarter));
  return next === from ? [from, from > to ? from - 1 : from + 1] : [from, next];
}

/** Pieces of a day that hours cover, as shares of it: one, or two over midnight. */
export function pieces([from, to]: readonly [number, number]): readonly (readonly [number, number])[] {
  const [p, q] = [from / QUARTERS, to / QUARTERS];
  return p < q ? [[p, q]] : q > 0 ? [[0, q], [p, 1]] : [[p, 1]];
}

/** Days in the order of the week, one or more of them. */
export function toggled(days: string, day: Day): string {
  const chosen = new Set(days.split("+"));
  if (chosen.has(day)) chosen.delete(day);
  else chosen.add(day);
  return chosen.size === 0 ? day : DAYS.filter((each) => chosen.has(each)).join("+");
}
