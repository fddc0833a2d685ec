// Arguments as programs pass them: what is wrong is a TypeError that says what came and what is accepted.

/** What came, for an error: `"cat.jpg"`, "a Float32Array of 3", "an object with width and data". */
export function inWords(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (typeof value !== "object") return `${value as number | boolean | bigint}`;
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof name === "string" && name !== "Object") {
    const { length } = value as { readonly length?: unknown };
    return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}${typeof length === "number" ? ` of ${length}` : ""}`;
  }
  return `an object with ${Object.keys(value).join(", ") || "nothing in it"}`;
}

/** What an option may be: a test, and its description for errors. */
export type Kind = readonly [accepts: (value: unknown) => boolean, accepted: string];

export const kind = (accepts: Kind[0], accepted: string): Kind => [accepts, accepted];

/** A whole number from `least` on. */
export const whole = (least: number): Kind => [
  (value) => Number.isSafeInteger(value) && (value as number) >= least,
  `a whole number from ${least}`,
];
/** A number of which more is demanded. */
export const number = (accepts: (value: number) => boolean, accepted: string): Kind => [
  (value) => typeof value === "number" && accepts(value),
  accepted,
];
/** Milliseconds of work in one submission. */
export const sliceMs: Kind = number((value) => value > 0 && value < Infinity, "a number above 0");
export const flag: Kind = [(value) => typeof value === "boolean", "true or false"];
export const text: Kind = [(value) => typeof value === "string" && value !== "", "a string"];
export const callback: Kind = [(value) => typeof value === "function", "a function"];
export const oneOf = (...values: readonly string[]): Kind => [
  (value) => values.includes(value as string),
  values.map((value) => JSON.stringify(value)).join(" or "),
];
export const texts: Kind = [(value) => Array.isArray(value) && value.every((item) => typeof item === "string"), "an array of strings"];
/** An object of any form. */
export const object = (accepted: string): Kind => [(value) => typeof value === "object" && value !== null, accepted];
export const colour: Kind = [
  (value) => Array.isArray(value) && value.length === 3 && value.every((part) => Number.isFinite(part)),
  "three numbers: blue, green, red",
];
export const signal: Kind = [(value) => typeof (value as AbortSignal | null)?.addEventListener === "function", "an AbortSignal"];

/** Throws a TypeError unless the value is of this kind. `what` names it: "classify: top". */
export function expectKind(what: string, value: unknown, [accepts, accepted]: Kind): void {
  if (!accepts(value)) throw new TypeError(`${what} must be ${accepted}, got ${inWords(value)}`);
}

/** Throws a TypeError unless `given` is an object that has no options but these, each absent or of its kind. */
export function expectOptions(what: string, given: unknown, kinds: Readonly<Record<string, Kind>>): void {
  const names = Object.keys(kinds);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new TypeError(`${what}: expected an object with ${names.join(", ")}, got ${inWords(given)}`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(kinds, name)) throw new TypeError(`${what}: there is no option "${name}"; it takes ${names.join(", ")}`);
    if (value !== undefined) expectKind(`${what}: ${name}`, value, kinds[name]);
  }
}
