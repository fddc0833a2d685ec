// `npx striatum predict` on many files, some of which cannot be read: the good ones are scored, the others named.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeCtSlice } from "../../src/dicom/write-slice.ts";
import { fixture } from "../../src/dicom/slice-fixture.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { runCli, type Finished } from "../support/run-cli.ts";
import { smallWeights } from "../support/small-weights.ts";

const folder = mkdtempSync(join(tmpdir(), "striatum-predict-"));
const at = (name: string): string => join(folder, name);
const predict = (...args: string[]): Finished =>
  runCli(["predict", "--net", "googlenet", "--weights", at("small.safetensors"), "--top", "1", ...args]);

interface Result {
  readonly file: string;
  readonly top: readonly { readonly p: number }[];
}
const scoresOf = ({ stdout }: Finished): [string, number][] => (JSON.parse(stdout) as Result[]).map(({ file, top }) => [file, top[0].p]);

const SIDE = 90;
const picture = (seed: number): Uint8Array =>
  encode({ width: SIDE, height: SIDE, channels: 1, depth: 8, data: new Uint8Array(SIDE * SIDE).map((_, i) => (i * seed) % 251) });

beforeAll(() => {
  writeFileSync(at("small.safetensors"), smallWeights(googlenet, 3));
  for (const seed of [3, 5, 7]) writeFileSync(at(`${seed}.png`), picture(seed));
  writeFileSync(at("cut.png"), picture(3).subarray(0, 60));
  writeFileSync(at("x.jpg"), "RIFF\x10\0\0\0WEBPVP8 ");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file that cannot be read is named and left out, the others are scored as alone, and the exit code says so", () => {
  const names = ["3.png", "cut.png", "5.png", "x.jpg", "absent.png", "7.png"].map(at);
  const mixed = predict("--batch", "2", "--json", ...names);
  expect(mixed.status).toBe(1);
  const good = ["3.png", "5.png", "7.png"].map(at);
  expect(scoresOf(mixed)).toEqual(scoresOf(predict("--batch", "2", "--json", ...good)));
  expect(mixed.stderr).toContain("cut.png: PNG is cut off");
  expect(mixed.stderr).toContain("x.jpg: is a WebP picture: save it as PNG");
  expect(mixed.stderr).toContain("absent.png");
  const text = predict(at("3.png"), at("cut.png"));
  expect(text.status).toBe(1);
  expect(text.stdout).toMatch(/3\.png\n {2}\d\.\d{4} {2}class \d\n$/);
});

test("without a single good file there is nothing to score", () => {
  const { status, stdout } = predict("--json", at("cut.png"));
  expect([status, JSON.parse(stdout)]).toEqual([1, []]);
});

test("a PNG of 16 bits is read as the CT slice that it was made of, and said to be dark without that", () => {
  const slice = fixture({ rows: 64, columns: 64, stored: new Uint16Array(4096).map((_, i) => 1024 + 8 * (i % 128)), intercept: -1024 });
  writeFileSync(at("slice.dcm"), writeCtSlice(slice));
  writeFileSync(
    at("slice.png"),
    encode({ width: slice.columns, height: slice.rows, channels: 1, depth: 16, data: Uint16Array.from(slice.stored) }),
  );
  const [[, asDicom]] = scoresOf(predict("--json", at("slice.dcm")));
  const [[, asPng]] = scoresOf(predict("--json", "--rescale", "1/-1024", at("slice.png")));
  expect(asPng).toBe(asDicom);
  const { stderr } = predict("--json", at("slice.png"));
  expect(stderr).toMatch(/slice\.png: uses \d % of its 16-bit range: \d+ grey levels remain; .*--rescale/);
  const quiet = predict("--quiet", "--json", at("slice.png"));
  expect(quiet.status).toBe(0);
  expect(quiet.stderr).not.toContain("16-bit");
  expect(predict("--json", "--rescale", "1/-1024", at("3.png")).stderr).toContain(
    "3.png: a rescale is given, which is for grey PNG of 16 bits",
  );
});

test("what is odd about a DICOM file is said", () => {
  const slice = fixture({ rows: 64, columns: 64, stored: new Uint16Array(4096).fill(1030), intercept: -1024, pixelSpacingMm: [0.5, 0.5] });
  const bytes = Buffer.from(writeCtSlice(slice)).toString("latin1").replace("0.5\\0.5", "0,5\\0,5");
  writeFileSync(at("commas.dcm"), Buffer.from(bytes, "latin1"));
  expect(predict(at("commas.dcm")).stderr).toContain("commas.dcm: PixelSpacing (0028,0030) has decimal commas: read as points");
});

test.each([
  [
    "a mean image for a network that subtracts a pixel",
    ["--mean", "absent.binaryproto"],
    "--mean is for AlexNet: GoogLeNet subtracts the mean pixel",
  ],
  ["a layer without its map", ["--layer", "conv1"], "--layer wants --grad-cam"],
])("%s: wrong usage, not an option without effect", (_, options, message) => {
  const { status, stderr } = predict(...options, at("3.png"));
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});

test.each([
  ["train", ["--net", "alexnet", "--data", "cases", "--out", "run", "--rename-last"], "--rename-last wants --weights"],
  ["train", ["--net", "alexnet", "--data", "cases", "--out", "run", "--new-layer-rate", "3"], "--new-layer-rate wants --weights"],
  ["profile", ["--net", "alexnet", "--textbook"], "--textbook wants --ablate"],
  ["predict", ["--run", "run", "--labels", "labels.txt", "x.png"], "--run and --labels exclude each other"],
])("%s: an option that only another one gives a meaning is wrong usage", (command, options, message) => {
  const { status, stderr } = runCli([command, ...options]);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});

test("a window changes no grey picture, and that is said", () => {
  expect(predict("--window", "40/80", at("3.png")).stderr).toContain("3.png: is a grey or colour picture: --window does nothing to it");
});

test("a file of labels is named where it does not fit, and read in any form of text", () => {
  const lines = (names: string[], end: string): string => names.join(end);
  writeFileSync(at("two.txt"), lines(["a", "b"], "\n"));
  expect(predict("--labels", at("two.txt"), at("3.png")).stderr).toMatch(/two\.txt: has 2 lines, but .*small\.safetensors has 3 classes/);
  writeFileSync(at("latin.txt"), Buffer.from([0x61, 0x0a, 0xe9, 0x0a, 0x62]));
  expect(predict("--labels", at("latin.txt"), at("3.png")).stderr).toContain("latin.txt line 2: is not UTF-8 text");
  const name = "\u00e9t\u00e9";
  for (const [file, bytes] of [
    ["utf16.txt", Buffer.from(`\ufeff${lines([name, name, name], "\r\n")}`, "utf16le")],
    ["cr.txt", Buffer.from(lines([name, name, name], "\r"))],
  ] as const) {
    writeFileSync(at(file), bytes);
    expect(predict("--labels", at(file), at("3.png")).stdout).toContain(name);
  }
});

test("no name and no label steers the terminal", () => {
  writeFileSync(at("evil.txt"), ["\u001b]0;owned\u0007", "\u202egpj.exe", "\u009b31mred"].join("\n"));
  const { stdout, stderr } = predict("--top", "3", "--labels", at("evil.txt"), at("3.png"), at("no\u001b[2Jsuch.png"));
  // oxlint-disable-next-line no-control-regex -- these are what must not come
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(stdout).toContain("\\u001b]0;owned\\u0007");
  expect(stdout).toContain("\\u202egpj.exe");
  expect(stderr).toContain("no\\u001b[2Jsuch.png");
});
