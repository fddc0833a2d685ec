import { existsSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../platform/node-files.ts";
import { philox } from "../tensor/philox.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { VARIANTS } from "./augmentation.ts";
import { headSeries, inFolder, memoryFiles } from "./dataset-fixture.ts";
import { openDataset, type Dataset, type DatasetOptions } from "./dataset.ts";

const inflate = async (bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> =>
  new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, limitBytes) }));

const open = (entries: Record<string, Uint8Array | string>, options: Partial<DatasetOptions> = {}): Promise<Dataset> =>
  openDataset(memoryFiles(entries), "data", { size: 4, inflate, ...options });

const grey = (value: number, side = 4): Uint8Array =>
  encodePng({ width: side, height: side, channels: 1, depth: 8, data: new Uint8Array(side * side).fill(value) });

const manifest = (...lines: string[]): string => ["path,label,side,patient,split", ...lines, ""].join("\n");

/** Four pictures in three splits. */
const pictures = {
  "data/manifest.csv": manifest("a/1.png,none,,P1,train", "a/2.png,bleed,left,P2,train", "b.jpg,none,,P3,val", "4.png,bleed,right,P4,test"),
  "data/a/1.png": grey(10),
  "data/a/2.png": encodePng({ width: 2, height: 2, channels: 3, depth: 8, data: new Uint8Array(12).map((_, i) => [200, 100, 50][i % 3]) }),
  "data/b.jpg": new Uint8Array(encodeJpeg({ width: 8, height: 8, data: new Uint8Array(256).fill(255) }, 90).data),
  "data/4.png": grey(40, 16),
};

test("a slice as PNG of 16 bits with a rescale has the pixels of the DICOM file, however often it is read", async () => {
  const data = Uint16Array.from({ length: 64 }, (_, i) => 1000 + 2 * i);
  const list = "path,label,split,rescale\n1.png,none,train,1/-1024\n2.png,left,train,1/-1024\n";
  const slice = (first: number): Uint8Array =>
    encodePng({ width: 8, height: 8, channels: 1, depth: 16, data: data.map((value, i) => (i === 0 ? first : value)) });
  const entries = { "data/labels.csv": list, "data/1.png": slice(1024), "data/2.png": slice(1064) };
  for (const cacheBytes of [0, 1e6]) {
    const picture = await (await open(entries, { size: 8, cacheBytes })).images("train").read(1);
    // Window 40/80: 0 HU is black, 40 HU in the middle.
    expect([picture.data[0], picture.data[12], picture.data[63]]).toEqual([129, 0, 255]);
  }
});

test("what is odd about the list and its pictures is told once, also where no split is opened", async () => {
  const dark = encodePng({ width: 4, height: 4, channels: 1, depth: 16, data: Uint16Array.from({ length: 16 }, (_, i) => 1000 + i) });
  const light = encodePng({ width: 4, height: 4, channels: 1, depth: 16, data: Uint16Array.from({ length: 16 }, (_, i) => 1000 + 2 * i) });
  const entries = {
    "data/labels.csv": "path,label,split,age\n1.png,none,train,7\n2.png,left,test,8\n",
    "data/1.png": dark,
    "data/2.png": light,
  };
  for (const only of [[], ["train"]] as const)
    expect((await open(entries, { only })).remarks).toEqual([
      'data/labels.csv: columns that mean nothing here are passed over: "age"',
      expect.stringMatching(/^data\/labels\.csv line 2: uses 1 % of its 16-bit range: .* \(and 1 more\); .*rescale/),
    ]);
  expect((await open(pictures)).remarks).toEqual([]);
});

test("opens through the platform's files as through those in memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dataset-"));
  try {
    for (const [path, content] of Object.entries(pictures))
      await nodeFiles.write(join(folder, path), typeof content === "string" ? content : [content]);
    const dataset = await openDataset(nodeFiles, join(folder, "data"), { size: 4, inflate });
    expect(JSON.stringify(dataset)).toBe(JSON.stringify(await open(pictures)));
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("a dataset of pictures", () => {
  test("lists its cases and gives each split's pictures, squashed, grey once and colour in three channels", async () => {
    const dataset = await open(pictures, { classes: ["none", "bleed"] });
    expect(dataset.cases.map(({ index, label, side, split, images }) => ({ index, label, side, split, images }))).toEqual([
      { index: 0, label: 0, side: null, split: "train", images: 1 },
      { index: 1, label: 1, side: "left", split: "train", images: 1 },
      { index: 2, label: 0, side: null, split: "val", images: 1 },
      { index: 3, label: 1, side: "right", split: "test", images: 1 },
    ]);
    const train = dataset.images("train");
    expect([Array.from(train.labels), Array.from(train.cases)]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(await train.read(0)).toEqual({ width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(10) });
    const colour = new Uint8Array(48).map((_, i) => [200, 100, 50][i % 3]);
    expect(await train.read(1)).toEqual({ width: 4, height: 4, channels: 3, data: colour });
    const white = await dataset.images("val").read(0);
    expect([white.channels, white.data.length, white.data[0]]).toEqual([3, 48, 255]);
    expect(await dataset.images("test").read(0)).toMatchObject({ width: 4, data: new Uint8Array(16).fill(40) });
    await expect(train.read(2)).rejects.toThrow("there is no image 2, the split has 2");
  });

  test("pictures beyond the cache are read again, and are the same", async () => {
    const files = memoryFiles(pictures);
    const dataset = await openDataset(files, "data", { size: 4, inflate, cacheBytes: 20 });
    const whole = await open(pictures);
    expect(files.reads).toHaveLength(9);
    for (const i of [0, 1]) expect(await dataset.images("train").read(i)).toEqual(await whole.images("train").read(i));
    expect(files.reads.slice(9)).toEqual(["data/a/2.png"]);
  });

  test("a split that was not asked for stays closed", async () => {
    const dataset = await open(pictures, { only: ["train", "val"] });
    expect(dataset.cases.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(() => dataset.images("test")).toThrow('the split "test" was not opened, only train, val');
  });

  test("a folder of pictures is one case with all of them", async () => {
    const dataset = await open({
      "data/manifest.csv": manifest("one,a,,P1,train", "two.png,b,,P2,train"),
      "data/one/2.png": grey(2),
      "data/one/10.png": grey(10),
      "data/two.png": grey(3),
    });
    const train = dataset.images("train");
    expect([train.length, Array.from(train.cases), Array.from(train.labels)]).toEqual([3, [0, 0, 1], [0, 0, 1]]);
    expect([(await train.read(0)).data[0], (await train.read(1)).data[0]]).toEqual([10, 2]);
  });

  test("hashes: of the manifest, and of who is in which split", async () => {
    const unsplit = { ...pictures, "data/manifest.csv": pictures["data/manifest.csv"].replaceAll(/,(train|val|test)\n/g, ",\n") };
    const plan = (seed: number): Partial<DatasetOptions> => ({ split: { seed, patients: { train: 2, val: 1, test: 1 } } });
    const [first, again, other] = await Promise.all([open(unsplit, plan(0)), open(unsplit, plan(0)), open(unsplit, plan(1))]);
    expect(first.cases.filter(({ split }) => split === "train")).toHaveLength(2);
    expect(again.splitHash).toBe(first.splitHash);
    expect(other.manifestHash).toBe(first.manifestHash);
    expect(other.cases.map(({ split }) => split)).not.toEqual(first.cases.map(({ split }) => split));
    expect(other.splitHash).not.toBe(first.splitHash);
  });

  test("progress counts cases", async () => {
    const told: [number, number][] = [];
    const all = [1, 2, 3, 4].map((done) => [done, 4]);
    await open(pictures, { onCase: (done, of) => told.push([done, of]) });
    expect(told).toEqual(all);
    await open(pictures, { only: ["train"], onCase: (done, of) => told.push([done, of]) });
    expect(told).toEqual([...all, ...all]);
  });
});

describe("augmentation", () => {
  const sides = ["none", "left", "right"];
  /** 45 training cases of one picture each, every third of a class, and two that are not training cases. */
  const cohort: Record<string, Uint8Array | string> = {
    "data/manifest.csv": manifest(
      ...Array.from({ length: 47 }, (_, i) => `${i}.png,${sides[i % 3]},,P${i},${i < 45 ? "train" : i === 45 ? "val" : "test"}`),
    ),
    ...Object.fromEntries(Array.from({ length: 47 }, (_, i) => [`data/${i}.png`, textured(i)])),
  };
  const options = { size: 12, classes: sides };

  test("45 training images are 2160, validation and test images what they were", async () => {
    const [plain, augmented] = await Promise.all([open(cohort, options), open(cohort, { ...options, augment: true })]);
    expect(augmented.images("train")).toMatchObject({ length: 2160, size: 12 });
    for (const split of ["val", "test"] as const) {
      expect(augmented.images(split).length).toBe(1);
      expect(augmented.images(split).labels).toEqual(plain.images(split).labels);
      expect(await augmented.images(split).read(0)).toEqual(await plain.images(split).read(0));
    }
    expect([augmented.splitHash, augmented.cases]).toEqual([plain.splitHash, plain.cases]);
  });

  test("a case's 48 images differ; the first is its own; left and right change places in half of them", async () => {
    const [plain, augmented] = await Promise.all([open(cohort, options), open(cohort, { ...options, augment: true })]);
    const train = augmented.images("train");
    for (const c of [0, 1, 2, 44]) {
      const images = await Promise.all(Array.from({ length: 48 }, (_, k) => train.read(48 * c + k)));
      expect(new Set(images.map(({ data }) => sha256Hex(data))).size).toBe(48);
      expect(images[0]).toEqual(await plain.images("train").read(c));
      expect(new Set(train.cases.subarray(48 * c, 48 * c + 48))).toEqual(new Set([c]));
      const labels = train.labels.subarray(48 * c, 48 * c + 48);
      const other = [0, 2, 1][c % 3];
      expect(labels.filter((label) => label === c % 3)).toHaveLength(other === c % 3 ? 48 : 24);
      expect(labels.filter((label) => label === other)).toHaveLength(other === c % 3 ? 48 : 24);
    }
  });

  test("variants beyond the cache are made again from the file, and are the same", async () => {
    const files = memoryFiles(cohort);
    const small = (await openDataset(files, "data", { inflate, ...options, augment: true, cacheBytes: 0 })).images("train");
    const whole = (await open(cohort, { ...options, augment: true })).images("train");
    const before = files.reads.length;
    for (const i of [3, 3, 100, 2159]) expect(await small.read(i)).toEqual(await whole.read(i));
    expect(files.reads.slice(before)).toEqual(["data/0.png", "data/0.png", "data/2.png", "data/44.png"]);
    await expect(small.read(2160)).rejects.toThrow("there is no image 2160, the split has 2160");
  });

  test("a variant is kept once it was made", async () => {
    const train = (await open(cohort, { ...options, augment: true })).images("train");
    expect(await train.read(17)).toBe(await train.read(17));
  });

  test("slices of a series are turned in Hounsfield units", async () => {
    const entries = {
      "data/manifest.csv": manifest("s1,left,left,P1,train", "s2,right,right,P2,train"),
      ...inFolder("data/s1", headSeries({ patient: "PH0001" })),
      ...inFolder("data/s2", headSeries({ patient: "PH0002" })),
    };
    const dataset = await open(entries, { size: 48, augment: true });
    const train = dataset.images("train");
    expect([train.length, dataset.cases[0].images]).toEqual([2 * 3 * 48, 3]);
    // Mirrored: the spot on the patient's left, right of the picture's middle, is left of it, and the label says right.
    const k = VARIANTS.findIndex(({ rotation, mirrored }) => rotation.degrees === 0 && mirrored);
    const { data } = await train.read(k);
    expect([data[24 * 48 + 23 - 5] > 150, data[24 * 48 + 24 + 5] > 150]).toEqual([true, false]);
    expect([train.labels[0], train.labels[k]]).toEqual([0, 1]);
  });

  test("a side without its other side is refused", async () => {
    const one = { ...pictures, "data/manifest.csv": pictures["data/manifest.csv"].replaceAll("bleed", "left") };
    await expect(open(one, { augment: true })).rejects.toThrow('the class "left" has no mirrored class "right"');
  });
});

function textured(seed: number): Uint8Array {
  const data = new Uint8Array(16 * 16).map((_, i) => philox([seed, 5], [i, 0, 0, 0])[0] & 255);
  return encodePng({ width: 16, height: 16, channels: 1, depth: 8, data });
}

describe("identity", () => {
  const named = {
    ...pictures,
    "data/manifest.csv": manifest("a/1.png,a,,SMITH^JOHN,train", "a/2.png,b,,SMITH^JOHN,train", "4.png,b,,DOE,test"),
  };

  test("the dataset does not contain the patients' names", async () => {
    expect(JSON.stringify(await open(named))).not.toMatch(/SMITH|JOHN|DOE/);
  });
});

describe("a dataset of CT series", () => {
  const two = manifest("s1,none,,P1,train", "s2/,bleed,left,P2,train");
  const entries = {
    "data/manifest.csv": two,
    ...inFolder("data/s1", headSeries({ patient: "PH0001" })),
    ...inFolder("data/s2", headSeries({ patient: "PH0002", mirrored: true })),
  };

  test("gives three windowed slices a case, nearest to the basal ganglia first", async () => {
    const dataset = await open(entries, { size: 48, classes: ["none", "bleed"] });
    expect(dataset.cases.map(({ images, notes }) => ({ images, notes }))).toEqual([
      { images: 3, notes: [] },
      { images: 3, notes: [] },
    ]);
    const { data, channels } = await dataset.images("train").read(0);
    expect(channels).toBe(1);
    // 30 HU in a window of 0..80 is grey 96 or so; bone is white and air black.
    expect(Math.abs(data[24 * 48 + 12] - 96)).toBeLessThan(3);
    expect(data[0]).toBe(0);
    expect(Math.max(...data)).toBe(255);
  });

  test("left is left, however the scanner stored the rows", async () => {
    const dataset = await open(entries, { size: 48 });
    const train = dataset.images("train");
    for (let i = 0; i < 3; i++) expect(Array.from((await train.read(i)).data)).toEqual(Array.from((await train.read(3 + i)).data));
    // The spot, 70 HU, lies 25 mm to the patient's left: right of the middle in the picture.
    const { data } = await train.read(0);
    expect([data[24 * 48 + 23 - 5] > 150, data[24 * 48 + 24 + 5] > 150]).toEqual([false, true]);
  });

  test("one slice, the whole band, another window", async () => {
    const counts = async (slices: "one" | "band" | number): Promise<number[]> =>
      (await open(entries, { size: 8, slices })).cases.map(({ images }) => images);
    expect(await counts("one")).toEqual([1, 1]);
    expect(await counts(2)).toEqual([2, 2]);
    expect((await counts("band"))[0]).toBeGreaterThan(3);
    const dark = await open(entries, { size: 48, windowHu: { centerHu: 140, widthHu: 80 } });
    expect((await dark.images("train").read(0)).data[24 * 48 + 12]).toBe(0);
  });

  test("a slice beyond the cache is read again from its own file, and is the same", async () => {
    const files = memoryFiles(entries);
    const small = await openDataset(files, "data", { size: 48, inflate, cacheBytes: 0 });
    const before = files.reads.length;
    const whole = await open(entries, { size: 48 });
    for (let i = 0; i < 6; i++) expect(await small.images("train").read(i)).toEqual(await whole.images("train").read(i));
    expect(files.reads.length - before).toBe(6);
  });

  test("a series that stops below the vertex is excluded with its reason, and not a case", async () => {
    const short = {
      ...entries,
      "data/manifest.csv": `${two}s3,bleed,right,P3,test\n`,
      ...inFolder("data/s3", headSeries({ patient: "PH0003", toMm: 40, brainHu: 31 })),
    };
    const dataset = await open(short, { classes: ["none", "bleed"] });
    expect(dataset.cases).toHaveLength(2);
    expect(dataset.excluded).toMatchObject([
      { index: 2, label: 1, side: "right", split: "test", reason: "the scan stops below the vertex" },
    ]);
    expect(dataset.images("test")).toHaveLength(0);
    const slab = await open(short, { slab: true });
    expect(slab.excluded).toEqual([]);
    const listed = short["data/manifest.csv"].replaceAll(
      /(split|train|test)\n/g,
      (_, end: string) => `${end},${end === "split" ? "coverage" : end === "test" ? "slab" : ""}\n`,
    );
    expect((await open({ ...short, "data/manifest.csv": listed })).excluded).toEqual([]);
  });

  test("a link that leads nowhere excludes its case, and no other", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dataset-"));
    try {
      for (const [path, content] of Object.entries(entries))
        await nodeFiles.write(join(folder, path), typeof content === "string" ? content : [content]);
      await symlink("/nonexistent", join(folder, "data/s2/zz.dcm"));
      const dataset = await openDataset(nodeFiles, join(folder, "data"), { size: 8, inflate });
      expect(dataset.cases.map(({ index }) => index)).toEqual([0]);
      expect(dataset.excluded).toMatchObject([{ index: 1, reason: "a link in it leads nowhere: zz.dcm" }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a localizer, a preview and files that are no DICOM are left out and noted", async () => {
    const localizer = Object.values(headSeries({ patient: "PH0001", fromMm: 0, toMm: 0, imageType: "ORIGINAL\\PRIMARY\\LOCALIZER" }))[0];
    const dataset = await open({
      ...entries,
      "data/s1/readme.txt": "scanned twice",
      "data/s1/preview.png": grey(1),
      "data/s1/000.dcm": localizer,
      "data/s1/.DS_Store": "x",
    });
    expect(dataset.cases[0]).toMatchObject({
      images: 3,
      notes: [
        "1 file left out: neither DICOM nor PNG nor JPEG",
        "1 file left out: a picture beside CT slices",
        "1 file left out: a localizer",
      ],
    });
  });

  test("one slice file is a case of one image", async () => {
    const slice = headSeries({ patient: "PH0003", fromMm: 0, toMm: 0, brainHu: 31 })["001.dcm"];
    const dataset = await open({ ...entries, "data/manifest.csv": `${two}slice,bleed,left,P3,val\n`, "data/slice": slice }, { size: 48 });
    expect(dataset.images("val")).toMatchObject({ length: 1 });
    const localizer = headSeries({
      patient: "PH0003",
      fromMm: 0,
      toMm: 0,
      brainHu: 31,
      imageType: "ORIGINAL\\PRIMARY\\LOCALIZER",
    })["001.dcm"];
    const without = await open({ ...entries, "data/manifest.csv": `${two}slice,bleed,left,P3,val\n`, "data/slice": localizer });
    expect(without.excluded).toMatchObject([{ index: 2, reason: "no axial CT series: 1 file left out: a localizer" }]);
  });

  test.each([
    [
      "a damaged slice",
      { "data/s1/020.dcm": headSeries({ patient: "PH0001" })["020.dcm"].slice(0, 9000) },
      /^data\/manifest\.csv line 2: data\/s1\/020\.dcm: /,
    ],
    ["two series", inFolder("data/s1", renamed(headSeries({ patient: "PH0009" }))), "data/s1: expected one axial CT series, got 2"],
  ])("%s is an error that names it", async (_, more, message) => {
    await expect(open({ ...entries, ...(more as Record<string, Uint8Array>) })).rejects.toThrow(message);
  });
});

function renamed(files: Record<string, Uint8Array>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`second-${name}`, bytes]));
}

const SHARED = process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
const REAL = join(SHARED, "data/dicom");

test.skipIf(!existsSync(REAL))("a real head gives three slices and says that it is tilted and unevenly spaced", async () => {
  const listed = manifest("headct-ge-human,none,,P1,train", "syntaxes/CTImage.dcm,other,,P2,val");
  const files = {
    read: (path: string, limit?: number) =>
      path.endsWith("manifest.csv") ? Promise.resolve(new TextEncoder().encode(listed)) : nodeFiles.read(path, limit),
    list: async (path: string) => [...(await nodeFiles.list(path)), ...(path === REAL ? ["manifest.csv"] : [])],
  };
  const dataset = await openDataset(files, REAL, { size: 64, inflate });
  expect(dataset.cases[0].images).toBe(3);
  expect(dataset.cases[0].notes).toContain("tilted by 18.5 degrees: the stack is sheared, not a box");
  expect(dataset.cases[1].images).toBe(1);
});

describe("what cannot be opened is refused", () => {
  const without = (name: string): Record<string, Uint8Array | string> =>
    Object.fromEntries(Object.entries(pictures).filter(([key]) => key !== name));

  test.each([
    ["no manifest", without("data/manifest.csv"), {}, "data: has no manifest; expected one of manifest.csv, manifest.jsonl, labels.csv"],
    ["two manifests", { ...pictures, "data/manifest.jsonl": "" }, {}, "data: has more than one manifest"],
    [
      "a manifest in another encoding",
      { ...pictures, "data/manifest.csv": Uint8Array.of(0x70, 0x0a, 0xe9, 0x0a) },
      {},
      "data/manifest.csv line 2: is not UTF-8 text",
    ],
    ["a path that leads nowhere", without("data/4.png"), {}, 'data/manifest.csv line 5: there is no file or folder "4.png" in data'],
    [
      "a folder that leads nowhere",
      { ...pictures, "data/manifest.csv": manifest("x/y/1.png,a,,P1,train", "4.png,b,,P2,train") },
      {},
      'line 2: there is no file or folder "x/y/1.png"',
    ],
    ["a damaged picture", { ...pictures, "data/4.png": grey(1).slice(0, 50) }, {}, "data/4.png: PNG is cut off"],
    [
      "something else",
      { ...pictures, "data/4.png": "hello" },
      {},
      "data/manifest.csv line 5: data/4.png: cannot be used as an image: neither DICOM nor PNG nor JPEG",
    ],
    [
      "an empty series",
      { "data/manifest.csv": manifest("s,a,,P1,train", "t.png,b,,P2,train"), "data/s/.x": "", "data/t.png": grey(1) },
      {},
      "data/s: has no CT image and no picture (0 files)",
    ],
    [
      "splits and a plan",
      pictures,
      { split: { seed: 0, fractions: { train: 1, val: 0, test: 0 } } },
      "has a split column, but a plan to split is given",
    ],
    [
      "a label outside the classes",
      pictures,
      { classes: ["none", "stroke"] },
      'data/manifest.csv line 3: the label is not among the classes "none", "stroke"',
    ],
    ["no size", pictures, { size: 0 }, "size must be 1 to 4096 pixels, got 0"],
    ["half a slice", pictures, { slices: 1.5 }, 'slices must be "one", "band" or a whole number from 1, got 1.5'],
  ])("%s", async (_, entries, options, message) => {
    await expect(open(entries as Record<string, Uint8Array | string>, options)).rejects.toThrow(message);
  });
});
