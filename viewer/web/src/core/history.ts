/** Undo and redo of the edits: every step is a whole list, so that nothing is half undone. */

import { type Edit, session, view } from "./state";
import { type Tool, WORKS } from "./works";

const MOST_STEPS = 100;
let past: (readonly Edit[])[] = [];
let future: (readonly Edit[])[] = [];

function tell(): void {
  session.set({ canUndo: past.length > 0, canRedo: future.length > 0 });
}

/** Replace the list of edits, so that the change can be undone. */
export function change(edits: readonly Edit[]): void {
  past = [...past, view.state.edits].slice(-MOST_STEPS);
  future = [];
  view.set({ edits });
  tell();
}

export function undo(): void {
  const before = past.at(-1);
  if (!before) return;
  past = past.slice(0, -1);
  future = [...future, view.state.edits];
  view.set({ edits: before });
  tell();
}

export function redo(): void {
  const after = future.at(-1);
  if (!after) return;
  future = future.slice(0, -1);
  past = [...past, view.state.edits];
  view.set({ edits: after });
  tell();
}

/** A short name that no edit of the list bears: w1, w2, … */
export function freshId(tool: Tool): string {
  const { letter } = WORKS[tool];
  const taken = new Set(view.state.edits.map(({ id }) => id));
  for (let i = 1; ; i++) if (!taken.has(`${letter}${i}`)) return `${letter}${i}`;
}
