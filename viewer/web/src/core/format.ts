/** Numbers, durations and moments as Belgians write them, the same in all three languages: `1 234,5 m³`, `25.07.2019 15:00`. */

const BELGIAN = "fr-BE";

/** A number with at most `digits` decimals, digits in groups of three. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(BELGIAN, { maximumFractionDigits: digits }).format(value);
}

/** A value with as many digits as it deserves: three that count. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return number(value, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
}

/** A change, always with its sign; zero has none. */
export function change(value: number): string {
  return value === 0 ? number(0) : `${value > 0 ? "+" : "−"}${figure(Math.abs(value))}`;
}

/** A very small or large number with its power of ten: 3,5 · 10⁻¹⁰. */
export function power(value: number): string {
  if (value === 0) return number(0);
  const [digits, exponent] = value.toExponential(1).split("e");
  const raised = [...String(Number(exponent))].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");
  return `${number(Number(digits), 1)} · 10${raised}`;
}

/** Share as per cent. */
export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(BELGIAN, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** Units as people write them. */
export function unit(units: string): string {
  const known: Record<string, string> = { m2: "m²", m3: "m³", "m s-1": "m/s", "m2 s-1": "m²/s", "m3 s-1": "m³/s", "1": "", count: "", degC: "°C", "W m-2": "W/m²", "kWh/m2": "kWh/m²", EUR: "€", "person h": "pers. h" };
  return known[units] ?? units;
}

/** Minutes and seconds since the start, or hours once they matter. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Parts of a moment in Brussels. */
function inBrussels(when: Date): (type: string) => string {
  const parts = new Intl.DateTimeFormat(BELGIAN, {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "Europe/Brussels",
  }).formatToParts(when);
  return (type) => parts.find((part) => part.type === type)?.value ?? "";
}

/** Day and hour in Brussels: 25.07.2019 15:00. */
export function moment(when: Date): string {
  return `${day(when)} ${hour(when)}`;
}

/** Day in Brussels: 25.07.2019. */
export function day(when: Date): string {
  const of = inBrussels(when);
  return `${of("day")}.${of("month")}.${of("year")}`;
}

/** Hour in Brussels: 15:00. */
export function hour(when: Date): string {
  const of = inBrussels(when);
  return `${of("hour")}:${of("minute")}`;
}

/** Hour of the day as 16:30. */
export function hourOfDay(hour: number): string {
  return `${Math.floor(hour)}:${String(Math.round((hour % 1) * 60)).padStart(2, "0")}`;
}
