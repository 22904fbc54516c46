/** One small observable value: who watches which keys is told once per change, after it is complete. */

export type Listener<T> = (state: Readonly<T>, changed: ReadonlySet<keyof T>) => void;

export class Store<T extends object> {
  private listeners = new Set<Listener<T>>();

  constructor(private value: T) {}

  get state(): Readonly<T> {
    return this.value;
  }

  /** Merge `patch`; listeners hear only of keys whose value is another one than before. */
  set(patch: Partial<T>): void {
    const changed = new Set<keyof T>();
    for (const key of Object.keys(patch) as (keyof T)[]) {
      if (!Object.is(this.value[key], patch[key])) changed.add(key);
    }
    if (changed.size === 0) return;
    this.value = { ...this.value, ...patch };
    for (const listener of [...this.listeners]) listener(this.value, changed);
  }

  /** Call `listener` on every change; the answer stops it. */
  watch(listener: Listener<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Call `react` when one of `keys` changes. */
  on(keys: readonly (keyof T)[], react: (state: Readonly<T>) => void): () => void {
    return this.watch((state, changed) => {
      if (keys.some((key) => changed.has(key))) react(state);
    });
  }
}
