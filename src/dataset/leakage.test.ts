// That a case cannot stand in two splits: planted copies are found through the files as a user would have them.
import { inflateRawSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import { describe, expect, test } from "vitest";
import { writeCtSlice, type SyntheticSlice } from "../dicom/write-slice.ts";
import { fixture } from "../dicom/slice-fixture.ts";
import { headSeries, inFolder, memoryFiles } from "./dataset-fixture.ts";
import { openDataset, type Dataset, type DatasetOptions } from "./dataset.ts";
import { fingerprints, conflicts, type Conflict } from "./leakage.ts";
import { parseManifest } from "./manifest.ts";
import { assignSplits, splitPlan } from "./split.ts";

const inflate = async (bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> =>
  new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, limitBytes) }));

const open = (entries: Record<string, Uint8Array | string>, options: Partial<DatasetOptions> = {}): Promise<Dataset> =>
  openDataset(memoryFiles(entries), "data", { size: 8, inflate, ...options });

const SIDE = 6;
const textured = (seed: number): Uint8Array =>
  Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i * 37 + seed * 11 + i * i * seed) % 251);
const png = (grey: Uint8Array, depth: 8 | 16 = 8): Uint8Array =>
  encodePng({
    width: SIDE,
    height: SIDE,
    channels: 1,
    depth,
    data: depth === 8 ? grey : Uint16Array.from(grey, (value) => value * 257),
  });

/** As small as a slice may be; its values count up in steps of `step`. */
const smallSlice = (patient: string, step = 1): SyntheticSlice =>
  fixture({ rows: 32, columns: 32, patient, stored: Int16Array.from({ length: 32 * 32 }, (_, i) => (i - 20) * step) });

const list = (...lines: string[]): string => ["path,label,side,patient,split", ...lines, ""].join("\n");

const pictures = {
  "data/manifest.csv": list("1.png,none,,P1,train", "2.png,bleed,,P2,val", "3.png,none,,P3,test"),
  "data/1.png": png(textured(1)),
  "data/2.png": png(textured(2)),
  "data/3.png": png(textured(3)),
};

describe("a copy planted in another split is refused, by both lines", () => {
  const mirrored = Uint8Array.from(textured(1), (_, i) => textured(1)[i - (i % SIDE) + SIDE - 1 - (i % SIDE)]);
  const coloured = encodePng({
    width: SIDE,
    height: SIDE,
    channels: 3,
    depth: 8,
    data: Uint8Array.from(Array.from(textured(1)).flatMap((value) => [value, value, value])),
  });

  test.each([
    ["the same file", png(textured(1))],
    ["another encoding", png(textured(1), 16)],
    ["grey as colour", coloured],
    ["the mirror image", png(mirrored)],
  ])("%s", async (_, copy) => {
    const planted = { ...pictures, "data/3.png": copy };
    const message = "data/manifest.csv line 4: 1 of its 1 images has the same pixels as line 2, which is in another split (train and test)";
    await expect(open(planted)).rejects.toThrow(message);
    // The test set's files are compared although it stays closed.
    await expect(open(planted, { only: ["train", "val"] })).rejects.toThrow(message);
  });

  test("one slice of a series, stored in other bytes", async () => {
    const series = headSeries({ patient: "PH0001" });
    const other = headSeries({ patient: "PH0002", brainHu: 33 });
    const entries = {
      "data/manifest.csv": list("s1,none,,P1,train", "s2,bleed,,P2,val", "slice.dcm,bleed,,P3,test"),
      ...inFolder("data/s1", series),
      ...inFolder("data/s2", other),
    };
    const slice = smallSlice("PH0003");
    const apart = { ...entries, "data/slice.dcm": writeCtSlice(slice) };
    expect((await open(apart)).cases).toHaveLength(3);
    const shifted = { ...slice, stored: slice.stored.map((value) => value + 1024), intercept: -1024, seriesNumber: 9 };
    const planted = {
      ...apart,
      "data/s1/900.dcm": writeCtSlice({ ...shifted, patient: "PH0001" }, { syntax: "implicit" }),
      "data/s1/901.dcm": writeCtSlice(smallSlice("PH0001", 3)),
    };
    await expect(open(planted)).rejects.toThrow(
      "data/manifest.csv line 4: 1 of its 1 images has the same pixels as line 2, which is in another split (train and test)",
    );
  });
});

test("a copy inside one split is not a leak", async () => {
  const twice = { ...pictures, "data/manifest.csv": list("1.png,none,,P1,train", "2.png,bleed,,P2,train"), "data/2.png": png(textured(1)) };
  expect((await open(twice)).cases).toHaveLength(2);
});

describe("fingerprints", () => {
  test("given again, spare reading what is not opened", async () => {
    const { fingerprints: kept } = await open(pictures);
    const files = memoryFiles(pictures);
    const only = ["train", "val"] as const;
    const dataset = await openDataset(files, "data", { size: 8, inflate, only, fingerprints: JSON.parse(JSON.stringify(kept)) });
    expect(dataset.fingerprints).toEqual(kept);
    expect(files.reads).not.toContain("data/3.png");
    const planted = { ...kept, cases: [kept.cases[0], kept.cases[1], kept.cases[0]] };
    await expect(open(pictures, { only: ["train", "val"], fingerprints: planted })).rejects.toThrow("line 4: 1 of its 1 images");
  });

  test("of other images, or of another list, are refused", async () => {
    const { fingerprints: kept } = await open(pictures);
    const changed = { ...pictures, "data/2.png": png(textured(9)) };
    await expect(open(changed, { fingerprints: kept })).rejects.toThrow(
      "manifest.csv line 3: its images differ from the given fingerprints",
    );
    await expect(open(pictures, { fingerprints: { ...kept, manifestHash: "0" } })).rejects.toThrow("belong to another list of cases");
  });

  test("show neither pixels, nor paths, nor patients", async () => {
    const head = { "data/manifest.csv": list("s,none,,SMITH,train", "2.png,bleed,,P2,val"), "data/2.png": png(textured(2)) };
    const { fingerprints: kept } = await open({ ...head, ...inFolder("data/s", headSeries({ patient: "SMITH" })) });
    expect(kept.cases.map(({ people }) => people)).toEqual([[0], []]);
    expect(JSON.stringify(kept)).toMatch(
      /^\{"manifestHash":"[0-9a-f]{64}","cases":\[(\{"pixels":\["[0-9a-f",]+\],"people":\[\d*\]\},?)+\]\}$/,
    );
  });
});

describe("patients in the files", () => {
  const told = (lines: readonly string[], keys: readonly string[], header = "path,label,side,patient,split"): Conflict[] => {
    const manifest = parseManifest([header, ...lines].join("\n"), "m.csv");
    const splits = manifest.cases.map(({ split }) => split ?? "train");
    return conflicts(
      manifest,
      splits,
      fingerprints(
        manifest,
        keys.map((key) => ({ pixels: [], patientKeys: key.split(" ").filter(Boolean) })),
      ),
    );
  };

  test("one patient under two names in two splits is refused, by both lines", () => {
    expect(told(["a,none,,P1,train", "b,left,,P2,train", "c,left,,P3,test"], ["x", "y", "x"])).toEqual([
      {
        case: 2,
        with: 0,
        kind: "one patient",
        message:
          "m.csv line 4: its files have the same Patient ID as those of line 2, which is in another split (train and test); give both lines one patient",
      },
    ]);
  });

  test("two patients under one name are refused, by both lines", () => {
    expect(told(["a,none,,P1,train", "b,left,,P1,train", "c,left,,P3,test"], ["x", "y", "z"])).toMatchObject([
      {
        case: 1,
        with: 0,
        message: expect.stringMatching(/^m\.csv line 3: two patients with one id: .* line 2; correct the patient column$/),
      },
    ]);
    expect(told(["a,none,,P1,train", "b,left,,P2,train"], ["x y", "z"])).toMatchObject([
      { case: 0, with: 0, message: expect.stringContaining("m.csv line 2: two patients in one case: its files have 2 Patient IDs") },
    ]);
  });

  test("an anonymiser's single ID for all patients is ignored", () => {
    const lines = ["a,none,,P1,train", "b,left,,P2,val", "c,left,,P3,test", "d,none,,P4,test"];
    expect(told(lines, ["anon", "anon", "anon", "anon"])).toEqual([]);
    expect(told(lines, ["", "", "", ""])).toEqual([]);
  });
});

test("without a column of patients, one patient's two slices are not split in silence", async () => {
  const names = Array.from({ length: 10 }, (_, i) => `${i}.dcm`);
  const entries = Object.fromEntries(names.map((name, i) => [`data/${name}`, writeCtSlice(smallSlice(`PH${i % 5}`, i + 1))]));
  const labels = `path,label\n${names.map((name, i) => `${name},${i % 2 ? "left" : "none"}`).join("\n")}\n`;
  const { cases } = parseManifest(labels, "labels.csv");
  const splits = assignSplits(cases, splitPlan());
  expect(splits.slice(5), "some patient's slices are apart").not.toEqual(splits.slice(0, 5));
  await expect(open({ ...entries, "data/labels.csv": labels })).rejects.toThrow(
    /labels\.csv line \d+: its files have the same Patient ID as those of line \d+, .*give both lines one patient, in a column of that name/,
  );
  const grouped = labels
    .replace("label\n", "label,patient\n")
    .replaceAll(/^(\d)\.dcm,\w+$/gm, (line, i: string) => `${line},P${Number(i) % 5}`);
  expect((await open({ ...entries, "data/labels.csv": grouped })).cases).toHaveLength(10);
});
