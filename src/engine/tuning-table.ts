// What a tuner found on one machine, as a file: for each problem which kernel family with which tunables is the fastest, and how it came out. Times are
// microseconds. A table decides the order of sums, hence bits: runs record which one they used, by `hashOf`.
import * as v from "valibot";
import { FAMILIES, MATH_MODES, NAMED_FAMILIES } from "../kernels/kernel.ts";
import type { Tuned } from "../kernels/choose.ts";
import type { Files } from "../platform/platform.ts";
import { sha256Hex } from "../tensor/sha256.ts";

const FORMAT = "striatum-tuning-1";
const MAX_BYTES = 32 * 2 ** 20;
const MAX_TEXT = 1000;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const chosen = {
  family: v.picklist([...FAMILIES, ...NAMED_FAMILIES]),
  tuning: v.exactOptional(
    v.record(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,31}$/)), v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 16))),
  ),
};

const ENTRY = v.strictObject({
  ...chosen,
  /** A layer that has the problem, for people. */
  layer: text,
  /** Changes with the problem's candidates and every shader that they run. */
  candidates: hash,
  microseconds: positive,
  gflops: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Shortest time that the measured roofs allow, over the time taken; null where they could not be measured. */
  roof: v.nullable(positive),
  /** What runs without a table; absent where it computes wrongly here. */
  rule: v.exactOptional(v.strictObject({ ...chosen, microseconds: positive })),
  runnerUp: v.exactOptional(v.strictObject({ ...chosen, microseconds: positive })),
  /** Every way by name: its time, or why it has none. */
  tried: v.record(text, v.union([positive, text])),
});

const TABLE = v.strictObject({
  format: v.literal(FORMAT),
  adapter: text,
  /** Versions of runtime and WebGPU, toggles. */
  host: v.record(text, text),
  /** Math mode of the sessions that it was made for: "fast" ones have families that others refuse. */
  math: v.picklist(MATH_MODES),
  date: v.pipe(v.string(), v.isoDate()),
  roofline: v.nullable(v.strictObject({ gflops: positive, gigabytesPerSecond: positive })),
  problems: v.record(text, ENTRY),
});

export type TuningEntry = v.InferOutput<typeof ENTRY>;
export type TuningTable = v.InferOutput<typeof TABLE>;

/** The way of running a problem that a table names. */
const tunedOf = ({ family, tuning }: TuningEntry): Tuned => ({ family, ...(tuning && { tuning }) });

/** Reads the text of a table; throws an error that names the file, the place in it and what was expected there. */
export function parseTable(bytes: Uint8Array, file: string): TuningTable {
  if (bytes.length > MAX_BYTES) throw new Error(`${file}: has ${bytes.length} bytes, over the limit of ${MAX_BYTES} for tuning tables`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`${file}: not a tuning table: ${(cause as Error).message}`, { cause });
  }
  const result = v.safeParse(TABLE, withMathMode(json));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  throw new Error(
    `${file}: not a tuning table of this version${place === null ? "" : `, at ${place}`}: ${issue.message}. Remove it, or make one with  npx striatum tune --out FILE`,
  );
}

/** Renames the field "accuracy" of older tables, which is the math mode. */
function withMathMode(json: unknown): unknown {
  if (typeof json !== "object" || json === null || !("accuracy" in json)) return json;
  const { accuracy, ...table } = json;
  return { math: accuracy, ...table };
}

/** A table as text: one line a problem, in the order of their names, so that two can be compared line by line. */
export function formatTable({ problems, ...head }: TuningTable): string {
  const lines = Object.entries(problems)
    .sort(([a], [b]) => byText(a, b))
    .map(([key, entry]) => `    ${JSON.stringify(key)}: ${JSON.stringify(entry)}`);
  const opening = JSON.stringify(head, null, 2).replace(/\n\}$/, "");
  return `${opening},\n  "problems": {${lines.length > 0 ? `\n${lines.join(",\n")}\n  ` : ""}}\n}\n`;
}

/** Reads a table that must be there. */
export const loadTable = async (files: Files, path: string): Promise<TuningTable> => parseTable(await files.read(path, MAX_BYTES), path);

export const saveTable = (files: Files, path: string, table: TuningTable): Promise<void> => files.write(path, formatTable(table));

/** What a run's launches are chosen by. */
export interface RunTuning {
  /** With the run's own problems alone. */
  readonly table: TuningTable;
  /** Sixteen hexadecimal digits that change with what the table chooses, and with nothing else: equal ones give equal bits. */
  readonly hash: string;
  /** For a session's options. */
  readonly tuned: (problem: string) => Tuned | undefined;
}

/** A table, or the part of it that a run with these problems uses. */
export function tuningFor(table: TuningTable, problems?: readonly { readonly key: string }[]): RunTuning {
  const wanted = problems && new Set(problems.map(({ key }) => key));
  const own = new Map(Object.entries(table.problems).filter(([key]) => wanted?.has(key) ?? true));
  const choices = [...own].map(([key, entry]) => `${key}: ${nameOf(entry)}`);
  return {
    table: { ...table, problems: Object.fromEntries(own) },
    hash: sha256Hex(choices.sort(byText).join("\n"), 16),
    tuned(problem) {
      const entry = own.get(problem);
      return entry && tunedOf(entry);
    },
  };
}

/** Two tables' problems; where both have one, the second's. Head and date are the second's. */
export const merge = (under: TuningTable, over: TuningTable): TuningTable => ({
  ...over,
  problems: { ...under.problems, ...over.problems },
});

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** "subgroup COLUMNS=1 ROWS=32": a way of running a problem, as tables and people call it. */
export const nameOf = ({ family, tuning = {} }: Tuned): string =>
  [
    family,
    ...Object.entries(tuning)
      .map(([name, value]) => `${name}=${value}`)
      .sort(byText),
  ].join(" ");

export const newTable = (table: Omit<TuningTable, "format">): TuningTable => ({ format: FORMAT, ...table });
