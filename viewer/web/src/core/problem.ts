/** What went wrong, why, and the one thing that helps: errors of the server (RFC 9457) and of the page alike. */

import type { Key } from "./i18n";

export interface Problem {
  /** What, as a key of the dictionaries. */
  what: Key;
  /** Why, in the words of whoever knows. */
  why: string;
  /** The button that helps. */
  remedy: Key;
  act: () => void;
}

/** A refusal of the server, with its own words. */
export class ServerError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly pointer: string | null = null,
  ) {
    super(detail || title);
    this.name = "ServerError";
  }
}

/** The words of any error. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
