/** Streets, hours, days and modes in the words that people read. */

import { type Day, DAYS, EVERY_DAY, WHOLE_DAY, WORKDAYS } from "../core/hours";
import { type Key, t } from "../core/i18n";
import { view } from "../core/state";
import { KEPT_OUT, TOOLS, type Tool } from "../core/works";

/** The name of a street in the page's language, or the word for one that has none. */
export function streetName(street: { name_fr: string | null; name_nl: string | null } | null): string {
  const { language } = view.state;
  return (language === "nl" ? street?.name_nl || street?.name_fr : street?.name_fr || street?.name_nl) || t("street.nameless");
}

/** What an edit of a ready scenario does, in few words; those that no tool draws have their own. */
export function editWords(edit: string): string {
  if (TOOLS.includes(edit as Tool)) return t(`tool.${edit as Tool}`);
  return t(OTHERS[edit] ?? "tool.other");
}

const OTHERS: Readonly<Record<string, Key>> = { bollard: "tool.bollard", close_tunnel: "tool.close_tunnel", one_way: "tool.one_way", kerb_bays: "tool.kerb_bays" };

/** Hours as people read them: 7:00 – 11:00, or the whole day. */
export function hoursRead(hours: string): string {
  if (hours === WHOLE_DAY) return t("hours.whole");
  return hours.replace(/^0/, "").replace(/-0?/, " – ");
}

/** Days as people read them: every day, Mon – Fri, or one by one. */
export function daysRead(days: string): string {
  const names = t("days.short").split(" ");
  if (days === EVERY_DAY) return t("days.every");
  if (days === WORKDAYS) return `${names[0]} – ${names[4]}`;
  return days.split("+").map((day) => names[DAYS.indexOf(day as Day)]).join(" ");
}

/** Who is kept out, as people read it. */
export function modesRead(modes: string): string {
  const kept = new Set(modes.split("+"));
  return KEPT_OUT.filter((each) => each.split("+").every((one) => kept.has(one))).map((each) => t(`mode.${each}` as Key).toLowerCase()).join(", ");
}
