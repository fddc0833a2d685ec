// Tables as files: what is written is read, and nothing else is.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatTable, merge, nameOf, newTable, parseTable, tuningFor, type TuningEntry, type TuningTable } from "./tuning-table.ts";

const KEY = "conv2d x[4, 28, 28, 192] filter[1, 1, 1, 192, 64] y[4, 28, 28, 64] stride=1 pad=0";
const entry: TuningEntry = {
  family: "subgroup",
  tuning: { ROWS: 24, COLUMNS: 2 },
  layer: "inception_3a/1x1",
  candidates: "0123456789abcdef",
  microseconds: 812.5,
  gflops: 58.2,
  roof: 0.31,
  rule: { family: "subgroup", microseconds: 1020 },
  runnerUp: { family: "workgroup", microseconds: 900 },
  tried: { "subgroup COLUMNS=2 ROWS=24": 812.5, subgroup: 1020, workgroup: 900, vector: "cannot run these shapes on this adapter" },
};
const table: TuningTable = newTable({
  adapter: "llvmpipe (mesa software)",
  host: { runtime: "node 20" },
  math: "exact",
  date: "2026-11-24",
  roofline: { gflops: 190, gigabytesPerSecond: 12 },
  problems: { [KEY]: entry, relu: { ...entry, family: "vector" } },
});

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const with_ = (changes: object): Uint8Array => bytesOf({ ...table, problems: { [KEY]: { ...entry, ...changes } } });

test("what is written is read", () => {
  expect(parseTable(bytesOf(formatTable(table)), "t.json")).toEqual(table);
  const empty = { ...table, problems: {} };
  expect(parseTable(bytesOf(formatTable(empty)), "t.json")).toEqual(empty);
});

test("an older table's accuracy is read as its math mode", () => {
  const { math, ...others } = table;
  expect(parseTable(bytesOf({ ...others, accuracy: math }), "t.json")).toEqual(table);
});

test("one line a problem, in the same order however they were found", () => {
  const lines = formatTable(table).split("\n");
  expect(lines.filter((line) => line.includes('"family":"'))).toHaveLength(2);
  const turned = { ...table, problems: Object.fromEntries(Object.entries(table.problems).reverse()) };
  expect(formatTable(turned)).toBe(formatTable(table));
});

test.each([
  ["no JSON", bytesOf('{"format": '), /tables\/t\.json: not a tuning table: .*JSON/],
  ["not text", Uint8Array.of(0xff, 0xfe, 0x00), /tables\/t\.json: not a tuning table/],
  ["a list", bytesOf([]), /tables\/t\.json: not a tuning table of this version/],
  ["another version", bytesOf({ ...table, format: "striatum-tuning-2" }), /at format: .*striatum-tuning-2/],
  ["an unknown field", bytesOf({ ...table, more: 1 }), /at more/],
  ["an unknown family", with_({ family: "tensor" }), /at problems.*family/],
  ["a tunable that is not a number", with_({ tuning: { ROWS: "24" } }), /at problems.*ROWS/],
  ["a tunable that is a fraction", with_({ tuning: { ROWS: 2.5 } }), /at problems.*ROWS/],
  ["a huge tunable", with_({ tuning: { ROWS: 1e9 } }), /at problems.*ROWS/],
  ["a tunable that is not a constant's name", with_({ tuning: { "ROWS; }": 8 } }), /at problems/],
  ["no time", with_({ microseconds: 0 }), /at problems.*microseconds/],
  ["no hash", with_({ candidates: "abc" }), /at problems.*candidates/],
  ["no date", bytesOf({ ...table, date: "yesterday" }), /at date/],
  ["too much text", with_({ layer: "x".repeat(1001) }), /at problems.*layer/],
])("%s is refused, with the file's name and the place", (_, bytes, message) => {
  expect(() => parseTable(bytes, "tables/t.json")).toThrow(message);
});

test("any bytes give a table or an error that names the file", () => {
  const json = fc.json().map((text) => new TextEncoder().encode(text));
  const damaged = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
    const bytes = bytesOf(formatTable(table));
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json, damaged), (bytes) => {
      try {
        expect(parseTable(bytes, "some.json").format).toBe("striatum-tuning-1");
      } catch (error) {
        expect((error as Error).message).toMatch(/^some\.json: /);
      }
    }),
  );
});

test("a file larger than any table is refused before it is read", () => {
  expect(() => parseTable(new Uint8Array(2 ** 25 + 1), "huge.json")).toThrow(/huge\.json: has 33554433 bytes/);
});

test("a run sees its own problems, and is named by its choices alone", () => {
  const run = tuningFor(table, [{ key: KEY }, { key: "unknown" }]);
  expect(Object.keys(run.table.problems)).toEqual([KEY]);
  expect(run.tuned(KEY)).toEqual({ family: "subgroup", tuning: { ROWS: 24, COLUMNS: 2 } });
  expect(run.tuned("relu")).toBeUndefined();
  expect(run.tuned("toString")).toBeUndefined();

  const hashWith = (changes: Partial<TuningEntry>): string =>
    tuningFor({ ...table, problems: { [KEY]: { ...entry, ...changes } } }, [{ key: KEY }]).hash;
  expect(run.hash).toMatch(/^[0-9a-f]{16}$/);
  expect(hashWith({ microseconds: 1, gflops: 2, layer: "elsewhere", tried: {} })).toBe(run.hash);
  expect(hashWith({ tuning: { COLUMNS: 2, ROWS: 24 } })).toBe(run.hash);
  expect(hashWith({ tuning: { COLUMNS: 2, ROWS: 16 } })).not.toBe(run.hash);
  expect(hashWith({ family: "workgroup" })).not.toBe(run.hash);
  // What it was cut out of does not matter: a run's own table names the run as the whole one did.
  expect(tuningFor(run.table, [{ key: "unknown" }, { key: KEY }]).hash).toBe(run.hash);
});

test("a newer table's problems take the place of an older one's", () => {
  const newer = { ...table, date: "2026-12-01", problems: { [KEY]: { ...entry, microseconds: 700 } } };
  const merged = merge(table, newer);
  expect(merged.date).toBe("2026-12-01");
  expect(Object.keys(merged.problems).sort()).toEqual([KEY, "relu"]);
  expect(merged.problems[KEY].microseconds).toBe(700);
});

test("a way is called by its family and its tunables, in their own order", () => {
  expect(nameOf({ family: "textbook" })).toBe("textbook");
  expect(nameOf({ family: "subgroup", tuning: { ROWS: 24, COLUMNS: 2 } })).toBe(
    nameOf({ family: "subgroup", tuning: { COLUMNS: 2, ROWS: 24 } }),
  );
});
