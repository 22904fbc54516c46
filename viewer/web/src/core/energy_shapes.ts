/** Shapes of charts as paths of SVG: x in steps from 0, y down from the top of a given height. */

const round = (value: number): number => Math.round(value * 100) / 100;

/** A round number that is not below a value: 1, 2, 2.5, 5 or 10 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((one) => one * power >= value * 0.999) ?? 10) * power;
}

/** A line through values. */
export function line(values: readonly number[], most: number, height: number): string {
  return values.map((value, i) => `${i ? "L" : "M"}${i} ${round(height - (value / most) * height)}`).join("");
}

/** Areas that stand on each other, the lowest first. */
export function stacked(rows: readonly (readonly number[])[], most: number, height: number): string[] {
  const foot = new Array<number>(rows[0]?.length ?? 0).fill(0);
  return rows.map((row) => {
    const low = [...foot];
    row.forEach((value, i) => (foot[i] += value));
    const back = low.map((value, i) => [i, value] as const).reverse();
    return `${line(foot, most, height)}${back.map(([i, value]) => `L${i} ${round(height - (value / most) * height)}`).join("")}Z`;
  });
}

/** Highest sum of rows that stand on each other. */
export function highest(rows: readonly (readonly number[])[]): number {
  let most = 0;
  for (let i = 0; i < (rows[0]?.length ?? 0); i++) most = Math.max(most, rows.reduce((sum, row) => sum + row[i], 0));
  return most;
}

/** Places of nodes and bands of a diagram of flows, in a box of `width` by `height`. */
export interface Sketch {
  nodes: { key: string; x: number; y: number; size: number; value: number; place: number; last: boolean }[];
  bands: { source: string; target: string; path: string; value: number }[];
}

/** Width of the bar of a node, and the gap between nodes of a column. */
export const BAR = 10;
const GAP = 17;

/** Lay a diagram of flows: nodes in columns, each as high as the more of what comes and goes. */
export function sankey(nodes: readonly { key: string; column: number }[], links: readonly { source: string; target: string; value: number }[], width: number, height: number): Sketch {
  const sum = (key: string, end: "source" | "target"): number => links.reduce((all, one) => all + (one[end] === key ? one.value : 0), 0);
  const value = new Map(nodes.map(({ key }) => [key, Math.max(sum(key, "source"), sum(key, "target"))]));
  const live = nodes.filter(({ key }) => value.get(key)! > 0);
  const columns = [...new Set(live.map(({ column }) => column))].sort((p, q) => p - q);
  const scale = Math.min(...columns.map((column) => {
    const own = live.filter((one) => one.column === column);
    return (height - GAP * (own.length - 1)) / own.reduce((all, { key }) => all + value.get(key)!, 0);
  }));
  const step = columns.length > 1 ? (width - BAR) / (columns.length - 1) : 0;
  const places = new Map<string, Sketch["nodes"][number]>();
  columns.forEach((column, i) => {
    const own = live.filter((one) => one.column === column);
    const tall = own.reduce((all, { key }) => all + value.get(key)! * scale, 0) + GAP * (own.length - 1);
    let y = (height - tall) / 2;
    for (const { key } of own) {
      const size = value.get(key)! * scale;
      places.set(key, { key, x: i * step, y, size, value: value.get(key)!, place: i, last: i === columns.length - 1 });
      y += size + GAP;
    }
  });
  const left = new Map<string, number>();
  const right = new Map<string, number>();
  // Bands leave and come in the order of what they lead to, so that few of them cross.
  const order = [...links].filter(({ value: each }) => each > 0).sort((p, q) => places.get(p.source)!.y - places.get(q.source)!.y || places.get(p.target)!.y - places.get(q.target)!.y);
  const starts = new Map<string, number>();
  for (const one of [...order].sort((p, q) => places.get(p.target)!.y - places.get(q.target)!.y)) {
    starts.set(`${one.source} ${one.target}`, right.get(one.source) ?? 0);
    right.set(one.source, (right.get(one.source) ?? 0) + one.value * scale);
  }
  const bands = order.map(({ source, target, value: each }) => {
    const [p, q] = [places.get(source)!, places.get(target)!];
    const thick = each * scale;
    const y0 = p.y + starts.get(`${source} ${target}`)! + thick / 2;
    const y1 = q.y + (left.get(target) ?? 0) + thick / 2;
    left.set(target, (left.get(target) ?? 0) + thick);
    const [x0, x1] = [p.x + BAR, q.x];
    const bend = round((x0 + x1) / 2);
    const half = Math.max(thick, 0.7) / 2;
    const edge = (side: number): string => `C${bend} ${round(y0 + side)} ${bend} ${round(y1 + side)} ${round(x1)} ${round(y1 + side)}`;
    const back = `L${round(x1)} ${round(y1 + half)}C${bend} ${round(y1 + half)} ${bend} ${round(y0 + half)} ${round(x0)} ${round(y0 + half)}Z`;
    return { source, target, value: each, path: `M${round(x0)} ${round(y0 - half)}${edge(-half)}${back}` };
  });
  return { nodes: [...places.values()], bands };
}
