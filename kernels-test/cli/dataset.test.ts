// `npx striatum dataset check` as a person with a folder of their own meets it, and what it says of folders unfit for training.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { decode, encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headSeries, inFolder } from "../../src/dataset/dataset-fixture.ts";
import { fixture } from "../../src/dicom/slice-fixture.ts";
import { writeCtSlice } from "../../src/dicom/write-slice.ts";
import { runCli, type Finished } from "../support/run-cli.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-dataset-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function folder(name: string, entries: Readonly<Record<string, Uint8Array | string>>): string {
  const path = join(scratch, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(entries)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

const picture = (seed: number): Uint8Array =>
  encode({ width: 40, height: 40, channels: 1, depth: 8, data: Uint8Array.from({ length: 1600 }, (_, i) => (i * seed + i * i) % 251) });

/** A PNG of 10,000 x 10,000 zeros: 100 MB of pixels in about 100 kB. */
function giant(): Uint8Array {
  const small = Buffer.from(encode({ width: 1, height: 1, channels: 1, depth: 8, data: new Uint8Array(1) }));
  small.writeUInt32BE(10_000, 16);
  small.writeUInt32BE(10_000, 20);
  const pixels = deflateSync(Buffer.alloc(10_000 * 10_001));
  const chunk = Buffer.alloc(12 + pixels.length);
  chunk.writeUInt32BE(pixels.length, 0);
  chunk.write("IDAT", 4);
  chunk.set(pixels, 8);
  return Buffer.concat([small.subarray(0, small.indexOf("IDAT") - 4), chunk, small.subarray(small.indexOf("IEND") - 4)]);
}

/** Pictures besides, so that the list suffices for a study. */
const MORE = [12, 13, 14, 15, 16, 17];

test("a folder in order is listed as text and as a contact sheet, by case number", () => {
  const sheet = join(scratch, "sheet.png");
  const dir = folder("good", {
    "labels.csv": `path,label,patient\n0001,none,SMITH\n0002,left,JONES\n1.png,right,MILLER\n${MORE.map((i) => `${i}.png,${i % 2 === 0 ? "none" : "left"},P${i}\n`).join("")}`,
    ...Object.fromEntries(MORE.map((i) => [`${i}.png`, picture(i)])),
    ...inFolder("0001", headSeries({ patient: "PH0001" })),
    ...inFolder("0002", headSeries({ patient: "PH0002", brainHu: 34 })),
    "1.png": picture(3),
    "stray.png": picture(4),
  });
  const { status, stdout, stderr } = runCli(["dataset", "check", dir, "--sheet", sheet]);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/labels\.csv: 9 cases of 9 patients; splits drawn by patient/);
  expect(stdout).toMatch(/ 0 +2 +none +\w+ +usable +3 +31 slices 96 x 96, 2\.50 mm, 5 mm thick, every 5\.00 mm, soft kernel/);
  expect(stdout).toMatch(/without a label:\n {2}stray\.png/);
  expect(stdout).toMatch(/line \d \(\d{4}\): looks like line \d \(\d{4}\), which is in another split/);
  expect(stdout).toMatch(/Usable\.\s*$/);
  expect(stdout).not.toMatch(/SMITH|JONES|MILLER|PH000/);
  // Nine cases, then both images of each pair: a row of eight, and another row.
  expect(stderr).toMatch(/sheet\.png: one slice of each case, by case number, then [1-9]\d* pairs that look alike/);
  const { width, height } = decode(readFileSync(sheet));
  expect(width).toBeGreaterThan(8 * 144);
  expect(height).toBeGreaterThan(2 * 144);
});

describe("every fault of a folder is listed at once, by file and line", () => {
  const holed = headSeries({ patient: "PH0003", brainHu: 36 });
  delete holed["012.dcm"];
  const entries = {
    "manifest.csv": [
      "path,label,patient,split",
      "good.png,none,P1,train",
      "absent.png,left,P2,train",
      "holed,left,P3,train",
      "empty.png,left,P4,train",
      "giant.png,none,P5,train",
      "packed.dcm,none,P6,val",
      "first.dcm,none,P7,val",
      "second.dcm,left,P7,val",
      "copy.png,left,P8,test",
    ].join("\n"),
    "good.png": picture(1),
    ...inFolder("holed", holed),
    "empty.png": "",
    "giant.png": giant(),
    "packed.dcm": "PK\x03\x04and so on",
    "first.dcm": writeCtSlice(fixture({ patient: "PH0007" })),
    "second.dcm": writeCtSlice(fixture({ patient: "PH0008", stored: fixture().stored.map((value) => value * 5) })),
    "copy.png": picture(1),
  };
  const dir = folder("faulty", entries);
  let checked: Finished;
  let errors: readonly string[];
  beforeAll(() => {
    checked = runCli(["dataset", "check", dir, "--json"]);
    ({ errors } = JSON.parse(checked.stdout) as { errors: string[] });
  });

  test.each([
    ["a label without a file", /manifest\.csv line 3: there is no file or folder "absent\.png"/],
    ["a series with a missing slice", /manifest\.csv line 4: .*holed: a slice is missing between 011\.dcm and 013\.dcm/],
    ["a file of 0 bytes", /manifest\.csv line 5: .*empty\.png: cannot be used as an image: an empty file \(0 bytes\)/],
    ["a picture of 10,000 x 10,000", /manifest\.csv line 6: .*giant\.png: PNG of 10000 x 10000 has over 40000000 pixels/],
    ["a zip", /manifest\.csv line 7: .*packed\.dcm: cannot be used as an image: a zip archive: unpack it/],
    ["two patients with one id", /manifest\.csv line 9: two patients with one id: .* line 8; correct the patient column/],
    ["a copy in another split", /manifest\.csv line 10: 1 of its 1 images has the same pixels as line 2, .*\(train and test\)/],
  ])("%s", (_, message) => expect(errors).toContainEqual(expect.stringMatching(message)));

  test("and nothing more", () => {
    expect(errors).toHaveLength(7);
    expect(checked.status).toBe(1);
    expect(checked.stdout).not.toMatch(/PH000/);
  });

  test("train stops at the first of them", () => {
    const settings = ["--net", "alexnet", "--width", "1/8", "--size", "64", "--epochs", "1", "--no-mirror"];
    const refused = runCli(["train", "--data", dir, "--out", join(scratch, "run"), ...settings]);
    expect(refused.stderr).toMatch(/error: .*manifest\.csv line 3: there is no file or folder "absent\.png"/);
    expect(refused.status).toBe(1);
  });
});

describe("a list without enough held-out cases is refused before anything is trained", () => {
  const numbers = [1, 2, 3, 4, 5, 6];
  const pictures = Object.fromEntries(numbers.map((i) => [`${i}.png`, picture(i)]));
  const rows = (splits: string, labels: string): string =>
    ["path,label,split", ...numbers.map((i) => `${i}.png,${labels.split(" ")[i - 1]},${splits.split(" ")[i - 1]}`)].join("\n");
  const dir = folder("unheld", { "labels.csv": rows("train train train train val test", "none left none right left none"), ...pictures });
  const oneClass = folder("one-class", {
    "labels.csv": rows("train train train train val test", "none none none none left left"),
    ...pictures,
  });
  const message =
    /labels\.csv: the part "test" has 1 usable case of "none" and 0 usable cases with a finding; a study needs 2 of each: add 1 more of "none", or mark line 4,/;

  test("dataset check lists it, and says what the folder is usable for", () => {
    const { status, stdout } = runCli(["dataset", "check", dir]);
    expect(stdout).toMatch(message);
    expect(stdout).toMatch(/Usable for train; not usable for a study yet: see what is missing\.\s*$/);
    expect(status).toBe(1);
    const forTraining = runCli(["dataset", "check", dir, "--for", "train"]);
    expect(forTraining.stdout).toMatch(/Usable for train\.\s*$/);
    expect(forTraining.status).toBe(0);
  });

  test.each([["study plan"], ["study"]])("%s", (words) => {
    const command = words.split(" ");
    const out = join(scratch, `${command.join("-")}-refused`);
    const { status, stderr } = runCli([...command, "--data", dir, "--models", "alexnet-untrained-plain", "--seeds", "0", "--out", out]);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  test("train refuses training cases of one class, as check does", () => {
    const alone = /labels\.csv: the part "train" has usable cases of "none" alone; a network needs two classes to learn from/;
    expect(runCli(["dataset", "check", oneClass, "--for", "train"]).stdout).toMatch(alone);
    const out = join(scratch, "one-class-run");
    const { status, stderr } = runCli(["train", "--net", "alexnet", "--data", oneClass, "--out", out, "--no-mirror"]);
    expect(stderr).toMatch(alone);
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

test.each([
  ["an empty folder", {}, /nothing: has no manifest; expected one of .*labels\.csv.*; the folder is empty/, "nothing"],
  ["a list under another name", { "cases.csv": "path,label\n" }, /has no manifest; .*; rename cases\.csv/, "renamed"],
  ["one class only", { "labels.csv": "path,label\na.png,none\n", "a.png": picture(1) }, /labels\.csv: all cases have one label/, "single"],
  [
    "a wrong header",
    { "labels.csv": "file;class\na.png;none\n" },
    /labels\.csv line 1: the column "file" may be meant as path; rename it to path/,
    "header",
  ],
  [
    "another encoding",
    { "labels.csv": Buffer.from("path,label\nä.png,none\n", "latin1") },
    /labels\.csv line 2: is not UTF-8 text/,
    "latin",
  ],
  [
    "one patient in two splits",
    { "manifest.csv": "path,label,patient,split\na.png,none,SMITH,train\nb.png,left,SMITH,test\n" },
    /manifest\.csv line 3: its patient is in another split in line 2 \(train and test\)/,
    "patient",
  ],
])("%s is refused", (_, entries, message, name) => {
  const { status, stdout, stderr } = runCli(["dataset", "check", folder(name, entries)]);
  expect(stdout + stderr).toMatch(message);
  expect(stdout + stderr).not.toContain("SMITH");
  expect(status).toBe(1);
});

test("an archive in place of a folder is refused", () => {
  writeFileSync(join(scratch, "cases.zip"), "PK\x03\x04");
  const { status, stderr } = runCli(["dataset", "check", join(scratch, "cases.zip")]);
  expect(stderr).toMatch(/cases\.zip: expected a folder, got an archive; unpack it/);
  expect(status).toBe(1);
});
