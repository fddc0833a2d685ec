// Mutations of JSON by its values, and of comma-separated text by its fields.
import type { Draws } from "./draws.ts";
import { mutateBytes, type Mutate } from "./mutate-bytes.ts";

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Values that a field hardly expects. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1,
  1.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 32,
  "",
  "x",
  "NaN",
  "../../etc/passwd",
  "a".repeat(5000),
  "__proto__",
  "constructor",
  "\u202E\u001B[31m",
  [],
  {},
  [[[[]]]],
  [null],
];
const ODD_NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", "x"];

type Holder = Record<string | number, unknown>;

/** Every place in a value, as its holder and its key. */
function placesIn(value: unknown): [Holder, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value as Holder, key] as [Holder, string], ...placesIn(inner)]);
}

/** Sets a property of its own, "__proto__" too; a list keeps its length. */
function put(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder) && !/^\d+$/.test(key)) return;
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function changeValue(value: unknown, draws: Draws): unknown {
  const root: Holder = { value };
  for (let k = 1 + draws.below(3); k > 0; k--) {
    const places = placesIn(root);
    if (places.length === 0) return undefined;
    const [holder, key] = draws.pick(places);
    const [other, otherKey] = draws.pick(places);
    const was = holder[key];
    const steps: readonly (() => void)[] = [
      () => (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
      () => put(holder, key, structuredClone(draws.pick(ODD_VALUES))),
      () => put(holder, key, structuredClone(other[otherKey])),
      () => put(holder, draws.pick(ODD_NAMES), structuredClone(was)),
      () => (Array.isArray(holder) ? holder.push(structuredClone(was)) : put(holder, `${key}${draws.below(9)}`, structuredClone(was))),
      () => put(holder, key, typeof was === "string" ? changeInner(was, draws) : was),
      () => typeof was === "number" && put(holder, key, was * draws.pick([-1, 0.5, 2, 1e9, 1e300])),
      () =>
        put(
          holder,
          key,
          Array.from({ length: draws.below(60) }).reduce((inner) => [inner], was),
        ),
    ];
    draws.pick(steps)();
  }
  return root["value"];
}

/** A text that is JSON itself, as metadata of weights have it, changed within; another text as it is. */
function changeInner(text: string, draws: Draws): string {
  try {
    return JSON.stringify(changeValue(JSON.parse(text), draws)) ?? text;
  } catch {
    return text;
  }
}

/** JSON with other values, or the same bytes changed; rarely so deep that recursion ends. */
export const mutateJson: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.2)) return mutateBytes(bytes, draws, pool);
  if (draws.chance(0.01)) return bytesOf(draws.pick(["[", '{"a":']).repeat(50_000));
  return bytesOf(JSON.stringify(changeValue(JSON.parse(textOf(bytes)), draws)) ?? "");
};

/** One JSON value per line. */
export const mutateJsonLines: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.2)) return mutateBytes(bytes, draws, pool);
  const lines = textOf(bytes).split("\n");
  const at = draws.below(lines.length);
  if (lines[at] !== "") lines[at] = JSON.stringify(changeValue(JSON.parse(lines[at]), draws)) ?? "";
  return bytesOf(lines.join("\n"));
};

const ODD_FIELDS = [
  "",
  " ",
  '"',
  '""',
  "NaN",
  "-1",
  "1e999",
  "7",
  "null",
  "Infinity",
  "../x",
  "C:\\x",
  "/x",
  "a/../b",
  "=1+1",
  "none",
  "left",
  "__proto__",
  "\0",
  "é",
  "e\u0301",
];

/** Fields, columns and lines moved, doubled, left out or made odd. */
export const mutateCsv: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.25)) return mutateBytes(bytes, draws, pool);
  let rows = textOf(bytes)
    .split("\n")
    .map((line) => line.split(","));
  for (let k = 1 + draws.below(3); k > 0; k--) {
    const row = draws.below(rows.length);
    const column = draws.below(rows[0].length);
    const steps: readonly (() => void)[] = [
      () => (rows[row][column] = draws.pick(ODD_FIELDS)),
      () => (rows[row][column] = draws.pick(draws.pick(rows))),
      () => rows.splice(row, 1),
      () => rows.splice(row, 0, [...draws.pick(rows)]),
      () => (rows = rows.map((fields) => fields.toSpliced(column, 1))),
      () => (rows = rows.map((fields) => fields.toSpliced(column, 0, fields[0] ?? ""))),
      () => rows[row].splice(column, 1),
      () => rows[row].push(draws.pick(ODD_FIELDS)),
    ];
    draws.pick(steps)();
    if (rows.length === 0) rows = [[""]];
  }
  const text = rows.map((fields) => fields.join(",")).join(draws.pick(["\n", "\n", "\n", "\r\n", "\r"]));
  return draws.chance(0.05) ? new Uint8Array(Buffer.from(`\uFEFF${text}`, "utf16le")) : bytesOf(text);
};
