// What people give a program by mistake, given to the command line as they would: each is refused with exit code 1 (2 where the command itself is
// wrong), by the file's name and with what to do, and leaves nothing behind that the right command would find in its way.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeCtSlice } from "../../src/dicom/write-slice.ts";
import { fixture } from "../../src/dicom/slice-fixture.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { writeSafetensors } from "../../src/weights/safetensors.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { runCli, type Finished } from "../support/run-cli.ts";
import { smallWeights } from "../support/small-weights.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-bad-input-"));
const PATIENT = "PH0001";
const mounts: string[] = [];

afterAll(() => {
  for (const folder of mounts) spawnSync("umount", [folder]);
  rmSync(scratch, { recursive: true, force: true });
});

/** A file system of its own; undefined where we may not mount one. */
function mountDisk(name: string, size: string): string | undefined {
  const folder = join(scratch, name);
  mkdirSync(folder);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status !== 0) return undefined;
  mounts.push(folder);
  return folder;
}
const [readOnly, tiny] = [mountDisk("read-only", "1m") ?? "", mountDisk("tiny", "1m") ?? ""];

const grey = (level: number): Uint8Array =>
  encode({ width: 80, height: 80, data: new Uint8Array(80 * 80).fill(level), channels: 1, depth: 8 });

/** A dataset of the given files, with a line of the manifest for each. */
function dataset(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  labelOf = (i: number): string => (i % 2 ? "bleeding" : "none"),
): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  const lines = Object.entries(files).map(([file, bytes], i) => {
    writeFileSync(join(folder, file), bytes);
    return `${file},${labelOf(i)},,${PATIENT}-${i},train`;
  });
  writeFileSync(join(folder, "manifest.csv"), `path,label,side,patient,split\n${lines.join("\n")}\n`);
  return folder;
}

let good: string;
beforeAll(() => {
  good = dataset("good", { "a.png": grey(10), "b.png": grey(200) });
});

const out = (name: string): string => join(scratch, "runs", name);

/** `npx striatum train` of a small network. */
const train = (data: string, folder: string, extra: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Finished => {
  const settings = ["--net", "alexnet", "--width", "1/8", "--size", "64", "--batch", "2", "--epochs", "1"];
  return runCli(["train", "--data", data, "--out", folder, ...settings, ...extra], env);
};

/** Expects exit code 1, `message` on stderr and no run folder. */
function expectRefused({ status, stdout, stderr }: Finished, message: RegExp, folder: string): void {
  expect(stderr).toMatch(message);
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(existsSync(folder), "a run is left").toBe(false);
  // Neither our stacks nor patients.
  expect(stderr).not.toMatch(/^ +at .*\.ts:\d+/m);
  expect(stderr).not.toContain(PATIENT);
}

describe("train", () => {
  test.skipIf(process.platform !== "linux")("without an adapter names the packages to install", () => {
    const nowhere = { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };
    expectRefused(
      train(good, out("adapter"), [], nowhere),
      /error: No WebGPU adapter was found\..*npm run setup.*mesa-vulkan-drivers/s,
      out("adapter"),
    );
  });

  test("with an option it does not know is wrong usage", () => {
    const { status, stderr } = train(good, out("option"), ["--epoch", "3"]);
    expect(status).toBe(2);
    expect(stderr).toContain("Did you mean --epochs?");
    expect(existsSync(out("option"))).toBe(false);
  });

  test("on a folder without a manifest says what a manifest is", () => {
    const folder = join(scratch, "bare");
    mkdirSync(folder);
    expectRefused(
      train(folder, out("bare")),
      /bare: has no manifest; expected one of manifest\.csv.*path,label,side,patient,split/,
      out("bare"),
    );
  });

  test("with mirroring, where a class has a side and no other side", () => {
    const data = dataset("one-sided", { "a.png": grey(10), "b.png": grey(200) }, (i) => (i % 2 ? "left" : "none"));
    expectRefused(train(data, out("one-sided")), /class "left" has no mirrored class "right"; turn off mirroring/, out("one-sided"));
  });

  test("with a layer to freeze that the network lacks", () => {
    expectRefused(
      train(good, out("frozen"), ["--freeze", "conv9"]),
      /cannot freeze "conv9" \(did you mean conv1 or conv2\?\)/,
      out("frozen"),
    );
  });
});

describe("a DICOM file", () => {
  const slice = writeCtSlice(fixture({ patient: PATIENT }));
  const text = Buffer.from(slice).toString("latin1");
  const pixelsAt = text.indexOf("\xe0\x7f\x10\x00");
  const cases = [
    {
      title: "cut off in its pixels",
      file: "cut.dcm",
      bytes: slice.subarray(0, pixelsAt + 40),
      message: /cut\.dcm: .*(truncated|ends|short)/,
    },
    { title: "without pixels", file: "pixelless.dcm", bytes: slice.subarray(0, pixelsAt), message: /pixelless\.dcm: .*PixelData/ },
    {
      title: "that says it is compressed, and is not",
      file: "packed.dcm",
      // RLE's UID is as long as that of explicit little endian.
      bytes: Buffer.from(text.replace("1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.5\0"), "latin1"),
      message: /packed\.dcm: PixelData.*expected fragments, as RLE Lossless has/,
    },
  ];

  test("is cut where these tests mean to", () => {
    expect(pixelsAt).toBe(slice.length - 12 - 2 * 48);
  });

  test.each(cases)("$title", ({ file, bytes, message }) => {
    const stem = file.replace(".dcm", "");
    const data = dataset(stem, { "a.png": grey(10), [file]: bytes });
    expectRefused(train(data, out(stem)), message, out(stem));
  });
});

describe("weights", () => {
  const strangers = writeSafetensors([["conv1.weight", tensor([2, 3], new Float32Array(6))]], {});

  test("a file of a kilobyte that claims 4 GiB is refused at once", () => {
    const file = join(scratch, "claims.caffemodel");
    const bytes = new Uint8Array(1024);
    bytes.set([0xa2, 0x06, 0xff, 0xff, 0xff, 0xff, 0x0f]); // field 100 (layer), 4,294,967,295 bytes
    writeFileSync(file, bytes);
    const startMs = performance.now();
    const finished = runCli(["predict", "--net", "googlenet", "--weights", file, join(good, "a.png")]);
    expectRefused(finished, /claims\.caffemodel: byte \d+: /, out("claims"));
    expect(performance.now() - startMs).toBeLessThan(60_000);
  });

  test("of another network are refused by train, and leave no run", () => {
    const file = join(scratch, "other.safetensors");
    writeFileSync(file, Buffer.concat(strangers));
    expectRefused(train(good, out("other"), ["--weights", file]), /other\.safetensors: does not fit the network/, out("other"));
  });

  test("without the network's classifier are refused by predict", () => {
    const file = join(scratch, "strange.safetensors");
    writeFileSync(file, Buffer.concat(strangers));
    const finished = runCli(["predict", "--net", "googlenet", "--weights", file, join(good, "a.png")]);
    expectRefused(
      finished,
      /strange\.safetensors: has no layer loss3\/classifier, so it is not GoogLeNet.*it contains conv1\/weight/,
      out("strange"),
    );
  });
});

test("a label that the run's classes do not hold is refused by eval, by line", () => {
  const run = join(scratch, "run");
  mkdirSync(run);
  const images = { windowHu: { centerHu: 40, widthHu: 80 }, slices: 3, slab: false, pixelScale: 1 };
  const job = { format: "striatum-job-1", network: "googlenet", classes: ["none", "left"], width: 0.125, size: 64, images };
  writeFileSync(join(run, "job.json"), JSON.stringify(job));
  writeFileSync(join(run, "weights.safetensors"), smallWeights(googlenet, 2));
  const finished = runCli(["eval", run, "--data", good, "--split", "train"]);
  expect(finished.stderr).toMatch(/manifest\.csv line 3: the label is not among the classes "none", "left"; correct it/);
  expect(finished.status).toBe(1);
  expect(finished.stdout).toBe("");
});

test.skipIf(!readOnly)("a disk that may not be written to is named", () => {
  spawnSync("mount", ["-o", "remount,ro", readOnly]);
  const folder = join(readOnly, "run");
  expectRefused(
    train(good, folder),
    /cannot write ".*read-only\/run\/lock\.json": the file system is read-only; choose another folder/,
    folder,
  );
});

test.skipIf(!tiny)("a disk that fills up is reported, and nothing half-written stays", () => {
  const folder = join(tiny, "run");
  const { status, stderr } = train(good, folder);
  expect(stderr).toMatch(/cannot write ".*tiny\/run\/.*\.safetensors": the disk is full; free some space/);
  expect(status).toBe(1);
  const left = readdirSync(folder, { recursive: true, encoding: "utf8" });
  expect(left).toContain("job.json");
  expect(left.filter((name) => name.endsWith(".partial") || name.endsWith(".safetensors"))).toEqual([]);
});
