// A folder with one of everything that goes wrong, checked as a whole.
import { inflateRawSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { beforeAll, describe, expect, test } from "vitest";
import { fixture } from "../dicom/slice-fixture.ts";
import { writeCtSlice, type SyntheticSlice } from "../dicom/write-slice.ts";
import { drawText } from "./bitmap-font.ts";
import { checkDataset, type CheckedCase, type Checked } from "./check.ts";
import { headSeries, inFolder, memoryFiles } from "./dataset-fixture.ts";

const inflate = async (bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> =>
  new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, limitBytes) }));

const check = (entries: Record<string, Uint8Array | string>): Promise<Checked> =>
  checkDataset("data", { files: memoryFiles(entries), inflate, size: 48 });

const SIDE = 64;

/** A grey picture that looks like no other seed's. */
const picture = (seed: number): Uint8Array =>
  Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [(i % SIDE) / SIDE, Math.floor(i / SIDE) / SIDE];
    return 128 + 100 * Math.sin(9 * seed * x + seed) * Math.cos(7 * seed * y) + (i % 3);
  });
const png = (data: Uint8Array): Uint8Array => encodePng({ width: SIDE, height: SIDE, channels: 1, depth: 8, data });
const jpeg = (data: Uint8Array, quality = 80): Uint8Array =>
  new Uint8Array(
    encodeJpeg({ width: SIDE, height: SIDE, data: Uint8Array.from(Array.from(data).flatMap((v) => [v, v, v, 255])) }, quality).data,
  );

/** A name in the corner of a dark picture. */
function titled(): Uint8Array {
  const side = 128;
  const data = new Uint8Array(side * side);
  drawText("DOE J", (x, y) => void (data[(y + 2) * side + x + 1] = 255));
  return encodePng({ width: side, height: side, channels: 1, depth: 8, data });
}

const list = (...lines: string[]): string => ["path,label,side,patient,split", ...lines, ""].join("\n");

describe("a folder of CT series", () => {
  const localizerOf = (patient: string): Uint8Array =>
    Object.values(headSeries({ patient, fromMm: 0, toMm: 0, imageType: "ORIGINAL\\PRIMARY\\LOCALIZER" }))[0];
  const holed = headSeries({ patient: "PH0004", brainHu: 34 });
  delete holed["012.dcm"];
  let checked: Checked;
  let cases: readonly CheckedCase[];

  beforeAll(async () => {
    checked = await check({
      "data/manifest.csv": list(
        "good,none,,SMITH,train",
        "short,hemorrhage,left,JONES,train",
        "copy,hemorrhage,right,MILLER,test",
        "holed,none,,BROWN,val",
        "absent,none,,GREEN,val",
      ),
      ...inFolder("data/good", headSeries({ patient: "PH0001" })),
      ...inFolder(
        "data/good",
        Object.fromEntries(
          Object.entries(headSeries({ patient: "PH0001", brainHu: 35, kernel: "SHARP60", seriesNumber: 3 })).map(([name, bytes]) => [
            `b${name}`,
            bytes,
          ]),
        ),
      ),
      "data/good/000.dcm": localizerOf("PH0001"),
      "data/good/dose.zip": "PK\x03\x04",
      "data/good/empty.dcm": "",
      ...inFolder("data/short", headSeries({ patient: "PH0002", toMm: 40, brainHu: 32 })),
      "data/short/000.dcm": localizerOf("PH0002"),
      ...inFolder("data/copy", headSeries({ patient: "PH0003" })),
      ...inFolder("data/holed", holed),
      "data/stray.png": png(picture(9)),
      "data/more/stray.png": png(picture(9)),
      "data/DICOMDIR": "an archive's index",
      "data/notes.txt": "",
    });
    ({ cases } = checked.check);
  });

  test("lists each case's series, and exclusions with their reasons", () => {
    expect(cases[0]).toMatchObject({
      case: 0,
      line: 2,
      verdict: "usable",
      files: 65,
      images: 3,
      series: { slices: 31, rows: 96, columns: 96, pixelMm: 2.5, thicknessMm: 5, spacingMm: [5, 5], tiltDegrees: 0, kernel: "soft" },
    });
    expect(cases[0].notes).toEqual([
      "1 file left out: a zip archive: unpack it",
      "1 file left out: an empty file (0 bytes)",
      "1 file left out: a localizer",
      "another series is left out: 31 slices of 5 mm, kernel SHARP60 (sharp)",
    ]);
  });

  test("distinguishes excluded cases from wrong ones, and every error with its line", () => {
    expect(cases.map(({ verdict }) => verdict)).toEqual(["usable", "excluded", "usable", "error", "error"]);
    expect(cases[1].reason).toBe("the scan stops below the vertex");
    expect(checked.check.errors).toEqual([
      "data/manifest.csv line 5: data/holed: a slice is missing between 011.dcm and 013.dcm (a gap of 10.00 mm where 5.00 mm is usual); restore it, or leave the case out",
      'data/manifest.csv line 6: there is no file or folder "absent" in data',
      "data/manifest.csv line 4: 22 of its 22 images have the same pixels as line 2, which is in another split (train and test); remove one of the two lines",
    ]);
  });

  test("lists what has no label, but for text", () => {
    expect(checked.check.unlabelled).toEqual(["more/", "stray.png"]);
  });

  test("counts the flow from files to usable cases", () => {
    expect(checked.check.flow).toEqual({
      files: 65 + 22 + 31 + 30,
      leftOut: [
        { reason: "a zip archive: unpack it", count: 1 },
        { reason: "an empty file (0 bytes)", count: 1 },
      ],
      excluded: [{ reason: "the scan stops below the vertex", count: 1 }],
      usable: { train: { none: 1 }, val: {}, test: { hemorrhage: 1 } },
    });
  });

  test("shows a thumbnail of what could be read", () => {
    expect(checked.thumbnails.map((thumbnail) => thumbnail?.width ?? null)).toEqual([48, 48, 48, null, null]);
  });

  test("keeps the remarks on a series that is excluded", () => {
    expect(cases[1]).toMatchObject({ images: 0, series: { slices: 21 }, notes: ["1 file left out: a localizer"] });
  });

  test("names no patient, and no value of an identifying attribute", () => {
    expect(JSON.stringify(checked.check)).not.toMatch(/SMITH|JONES|MILLER|PHANTOM|PH000|2\.25\./);
  });
});

describe("what a list says of its series", () => {
  const slabs = {
    ...inFolder("data/a", headSeries({ patient: "PH0001", fromMm: -20, toMm: 20 })),
    ...inFolder("data/b", headSeries({ patient: "PH0002", fromMm: -20, toMm: 20, brainHu: 32 })),
  };

  test("a slab needs no option where the list names it", async () => {
    const { check: found } = await check({ "data/labels.csv": "path,label,coverage\na,none,slab\nb,left,head\n", ...slabs });
    expect(found.cases.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ["usable", null],
      ["excluded", "the scan stops below the vertex"],
    ]);
  });

  test("a list whose cases are all excluded is not usable", async () => {
    const { check: found } = await check({ "data/labels.csv": "path,label\na,none\nb,left\n", ...slabs });
    expect(found.errors).toEqual(["data/labels.csv: all its cases are excluded: nothing is left to learn from"]);
  });
});

test("a single slice is looked at as a series is", async () => {
  const slice = (differs: Partial<SyntheticSlice>): Uint8Array =>
    writeCtSlice(fixture({ rows: 64, columns: 64, stored: new Int16Array(64 * 64), ...differs }));
  const { check: found, thumbnails } = await check({
    "data/labels.csv": "path,label,patient\nhead.dcm,none,A\nwater.dcm,none,B\nmetres.dcm,left,C\ntiny.dcm,left,D\n",
    "data/head.dcm": headSeries({ patient: "PH0001", fromMm: 0, toMm: 0 })["001.dcm"],
    "data/water.dcm": slice({ patient: "PH0002" }),
    "data/metres.dcm": slice({ patient: "PH0003", pixelSpacingMm: [0.0004883, 0.0004883] }),
    "data/tiny.dcm": writeCtSlice(fixture({ patient: "PH0004", rows: 2, columns: 2, stored: new Int16Array(4) })),
  });
  expect(found.cases.map(({ verdict, reason, notes }) => [verdict, reason, notes])).toEqual([
    ["usable", null, []],
    ["usable", null, ["shows no closed skull with 110 cm2 of brain inside: is it a slice of a head, at the basal ganglia?"]],
    ["excluded", "a pixel spacing of 0.00049 mm is not plausible: 0.05 to 5 mm expected", []],
    ["excluded", "2 x 2 pixels are too few: 32 x 32 needed", []],
  ]);
  expect(thumbnails.map((thumbnail) => thumbnail?.width)).toEqual([48, 48, 48, 48]);
});

describe("a folder of pictures", () => {
  test("a copy with loss and a mirrored one with loss are suspected, a stranger is not", async () => {
    const mirrored = picture(3).map((_, i, all) => all[i - (i % SIDE) + SIDE - 1 - (i % SIDE)]);
    const { check: found, pairs } = await check({
      "data/labels.csv": list(
        "1.png,none,,P1,train",
        "2.jpg,left,,P2,test",
        "3.png,none,,P3,train",
        "4.jpg,left,,P4,test",
        "5.png,left,,P5,test",
      ),
      "data/1.png": png(picture(1)),
      "data/2.jpg": jpeg(picture(1)),
      "data/3.png": png(picture(3)),
      "data/4.jpg": jpeg(mirrored),
      "data/5.png": png(picture(5)),
    });
    expect(found.errors).toEqual([]);
    expect(found.warnings.filter((text) => text.includes("looks like"))).toEqual([
      expect.stringContaining("labels.csv line 3 (2.jpg): looks like line 2 (1.png), which is in another split (train and test)"),
      expect.stringContaining("labels.csv line 5 (4.jpg): looks like line 4 (3.png)"),
    ]);
    expect(pairs.map(({ cases }) => cases)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    for (const { pictures } of pairs) expect(pictures.map(({ width }) => width)).toEqual([48, 48]);
  });

  test("of many pairs twelve are written out, and the others counted", async () => {
    const copies = Array.from({ length: 14 }, (_, i): [string, Uint8Array] => [`data/${i}.jpg`, jpeg(picture(1), 80 + i)]);
    const lines = copies.map((_, i) => `${i}.jpg,left,,Q${i},test`);
    const { check: found, pairs } = await check({
      "data/labels.csv": list("1.png,none,,P1,train", ...lines),
      "data/1.png": png(picture(1)),
      ...Object.fromEntries(copies),
    });
    const told = found.warnings.filter((text) => text.includes("look"));
    expect(pairs).toHaveLength(14);
    expect(told).toHaveLength(13);
    expect(told[12]).toBe("data/labels.csv: 2 more cases look like one in another split; --sheet shows all pairs");
  });

  test("the same picture twice in a split, with two labels, is reported", async () => {
    const { check: found } = await check({
      "data/labels.csv": "path,label\n1.png,none\n2.png,left\n",
      "data/1.png": png(picture(1)),
      "data/2.png": png(picture(1)),
    });
    const told = [...found.errors, ...found.warnings].join("\n");
    expect(told).toMatch(
      /labels\.csv line 3(: 1 of its 1 images| \(2\.png\): has images with the same pixels as line 2 \(1\.png\), in the same split, with another label)/,
    );
    expect(told).toContain("has no patients");
  });

  test("text in a corner is suspected", async () => {
    const { check: found } = await check({
      "data/labels.csv": "path,label\n1.png,none\n2.png,left\n",
      "data/1.png": titled(),
      "data/2.png": png(picture(2)),
    });
    expect(found.cases.map(({ notes }) => notes)).toEqual([["1 of 1 images may have burned-in text: it may name a patient"], []]);
  });

  describe("16 bits that hold Hounsfield units and an offset", () => {
    const slice = (seed: number): Uint8Array =>
      encodePng({ width: SIDE, height: SIDE, channels: 1, depth: 16, data: Uint16Array.from(picture(seed), (value) => 900 + value) });
    const cases = (more: string): ReturnType<typeof check> =>
      check({
        "data/labels.csv": ["path,label,rescale", `1.png,none,${more}`, `2,left,${more}`].join("\n"),
        "data/1.png": slice(1),
        "data/2/a.png": slice(2),
        "data/2/b.png": slice(3),
      });

    test("are nearly black: each case says so, and one warning what to do", async () => {
      const { check: found, thumbnails } = await cases("");
      expect(found.cases.map(({ notes }) => notes)).toEqual([
        ["uses 1 % of its 16-bit range: 1 grey level remains"],
        ["2 of 2 images: uses 1 % of its 16-bit range: 1 grey level remains"],
      ]);
      expect(found.warnings.filter((text) => text.includes("16-bit"))).toEqual([
        expect.stringMatching(/^data\/labels\.csv line 2: uses 1 % .* \(and 1 more\); .* add the column rescale with slope\/intercept/),
      ]);
      expect(Math.max(...(thumbnails[0]?.data ?? []))).toBeLessThan(8);
    });

    test("are Hounsfield units with a rescale, through the window", async () => {
      const { check: found, thumbnails } = await cases("1/-1000");
      expect([found.errors, found.cases.flatMap(({ notes }) => notes)]).toEqual([[], []]);
      expect(found.warnings.join()).not.toContain("16-bit");
      const grey = thumbnails[0]?.data ?? new Uint8Array(0);
      expect([Math.min(...grey), Math.max(...grey)]).toEqual([0, 255]);
    });

    test("a rescale for anything else is an error by its line", async () => {
      const series = headSeries({ patient: "PH0001" });
      const { check: found } = await check({
        "data/labels.csv": "path,label,rescale\n1.png,none,1/-1024\n2,left,1/-1024\n",
        "data/1.png": png(picture(1)),
        ...inFolder("data/2", series),
      });
      expect(found.errors).toEqual([
        expect.stringContaining("line 2: data/1.png: a rescale is given, which is for grey PNG of 16 bits"),
        expect.stringContaining("line 3: data/2: a rescale is given, but its DICOM files have their own"),
      ]);
    });
  });

  test.each([
    ["A.png", "a.png", "upper and lower case"],
    ["a", "a.png", "their ending"],
    ["a.jpg", "a.png", "their ending"],
    ["F/a.png", "f/a.png", "upper and lower case"],
    ["e\u0301.png", "\u00e9.png", "the Unicode form of their letters"],
  ])("a name that is nearly there is asked about: %s", async (wanted, there, difference) => {
    const { check: found } = await check({
      "data/labels.csv": `path,label\n${wanted},none\nb.png,left\n`,
      [`data/${there}`]: png(picture(1)),
      "data/b.png": png(picture(2)),
    });
    expect(found.errors).toEqual([
      `data/labels.csv line 2: there is no file or folder "${wanted}" in data; did you mean "${there}"? The two differ in ${difference}`,
    ]);
  });

  test("columns that are passed over are told, and a transparent picture", async () => {
    const glass = encodePng({
      width: SIDE,
      height: SIDE,
      channels: 2,
      depth: 8,
      data: new Uint8Array(2 * SIDE * SIDE).map((_, i) => (i * 7) % 256),
    });
    const { check: found } = await check({
      "data/labels.csv": "path,label,age\n1.png,none,7\n2.png,left,8\n",
      "data/1.png": glass,
      "data/2.png": png(picture(2)),
    });
    expect(found.warnings[0]).toBe('data/labels.csv: columns that mean nothing here are passed over: "age"');
    expect(found.cases.map(({ notes }) => notes)).toEqual([["transparent: laid on white"], []]);
  });

  test("what the folder lacks for training and for a study is listed apart from errors", async () => {
    const lists: [string, number, number][] = [
      [list("1.png,none,,P1,train", "2.png,none,,P2,test"), 0, 0],
      [list("1.png,none,,P1,train", "2.png,bleed,,P2,train"), 0, 1],
      [list("1.png,none,,P1,train", "2.png,left,,P2,train"), 1, 2],
      [list("1.png,none,,P1,train", "2.png,hemorrhage,,P2,test"), 1, 3],
    ];
    for (const [text, train, study] of lists) {
      const { check: found } = await check({ "data/labels.csv": text, "data/1.png": png(picture(1)), "data/2.png": png(picture(2)) });
      expect([found.lacks.train.length, found.lacks.study.length], text).toEqual([train, study]);
    }
  });

  test("one label only is an error, and nothing else is asked first", async () => {
    const { check: found } = await check({ "data/labels.csv": "path,label\n1.png,none\n", "data/1.png": png(picture(1)) });
    expect(found.errors).toEqual([expect.stringContaining("labels.csv: all cases have one label")]);
  });
});
