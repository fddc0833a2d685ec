// Lists and tables: cases as CSV and as JSON Lines, tuning tables, names of classes, predictions, ground truth.
import { decodeText } from "../../src/dataset/text-file.ts";
import { parseManifest, type Manifest } from "../../src/dataset/manifest.ts";
import { parseTable } from "../../src/engine/tuning-table.ts";
import { formatPredictions, parsePredictions, scored } from "../../src/study/predictions.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateCsv, mutateJson, mutateJsonLines } from "./mutate-text.ts";
import { jsonSeed, seed, target, type Target } from "./target.ts";

const LIST =
  'path,label,side,patient,split\nA/1,none,,P1,train\n"B,2",bleed,left,P2,val\nC/3,bleed,right,"P""3",test\r\nD,none,none,P4,train\n';
const BARE_LIST = "path,label,coverage,rescale\na.png,none,slab,1/-1024\nb.png,left,head,\n";
const LINES = [
  { path: "A/1", label: "none", side: "", patient: "P1", split: "train" },
  { path: "B", label: "bleed", side: "left", patient: "P2", split: "val", rescale: "1/0" },
  { path: "C", label: "none", patient: "P3", split: "test", coverage: "head" },
];

const TABLE = {
  format: "striatum-tuning-1",
  adapter: "llvmpipe",
  host: { runtime: "node" },
  math: "exact",
  date: "2026-11-24",
  roofline: { gflops: 10, gigabytesPerSecond: 3 },
  problems: {
    "gemm 1": {
      family: "subgroup",
      tuning: { ROWS: 2 },
      layer: "conv1",
      candidates: "0123456789abcdef",
      microseconds: 3,
      gflops: 2,
      roof: 0.5,
      rule: { family: "textbook", microseconds: 4 },
      tried: { textbook: 4, other: "does not fit" },
    },
  },
};

const outside = (path: string): boolean =>
  path.startsWith("/") || /^[A-Za-z]:|\\/.test(path) || path.split("/").some((name) => ["", ".", ".."].includes(name));

function wrongList({ cases, hash }: Manifest): string | null {
  if (cases.length === 0 || hash.length !== 64) return "no case, or no hash";
  if (cases.some(({ path }) => outside(path))) return "a path out of the folder";
  if (cases.some(({ rescale }) => rescale && !(Number.isFinite(rescale.slope) && Number.isFinite(rescale.intercept))))
    return "a scale that is not finite";
  return cases.every(({ label, patient }) => label !== "" && patient !== "") ? null : "a case without a label or a patient";
}

const CLASSES = ["none", "left", "right"];

/** By target name. */
export const tableTargets: Readonly<Record<string, () => Promise<Target>>> = {
  "manifest-csv": async () =>
    target({
      seeds: [seed("all columns", LIST), seed("few columns", BARE_LIST)],
      mutate: mutateCsv,
      read: async (bytes, file) => parseManifest(decodeText(bytes, file), file),
      wrong: wrongList,
    }),
  "manifest-jsonl": async () =>
    target({
      seeds: [seed("lines", LINES.map((line) => JSON.stringify(line)).join("\n"))],
      mutate: mutateJsonLines,
      read: async (bytes, file) => parseManifest(decodeText(bytes, `${file}.jsonl`), `${file}.jsonl`),
      wrong: wrongList,
    }),
  labels: async () =>
    target({ seeds: [seed("labels", "cat\ndog\r\né\n")], mutate: mutateBytes, read: async (bytes, file) => decodeText(bytes, file) }),
  "tuning-table": async () =>
    target({ seeds: [jsonSeed("table", TABLE)], mutate: mutateJson, read: async (bytes, file) => parseTable(bytes, file) }),
  predictions: async () => {
    const test = [scored(1, "left", [0.1, 0.2, 0.7]), scored(3, "none", [0.9, 0.05, 0.05])];
    return target({
      seeds: [seed("predictions", formatPredictions({ val: [scored(0, "none", [0.5, 0.2, 0.3])], test }, CLASSES))],
      mutate: mutateCsv,
      read: async (bytes, file) => parsePredictions(new TextDecoder().decode(bytes), file, CLASSES),
      wrong: ({ val, test }) => {
        const cases = [...val, ...test];
        if (!cases.every(({ case: index, score }) => Number.isInteger(index) && Number.isFinite(score))) return "a number that is none";
        return cases.every(({ probabilities: p }) => p.length === 3 && p.every((x) => x >= 0 && x <= 1.00001))
          ? null
          : "a probability outside 0 to 1";
      },
    });
  },
};
