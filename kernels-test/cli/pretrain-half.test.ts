// `pretrain --half`: weights in 16 bits beside those in 32, half as large, that training starts from.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { floatToHalf, halfToFloat } from "../../src/weights/half.ts";
import { readWeights } from "../../src/weights/load.ts";
import { runCli } from "../support/run-cli.ts";
import { writePictures } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-half-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("a finished pretraining gets them too, and a run starts from them", () => {
  const out = join(scratch, "fractals");
  const network = ["--net", "googlenet", "--width", "1/8", "--size", "64"];
  const pretrain = (...more: string[]) =>
    runCli(["pretrain", ...network, "--categories", "2", "--instances", "4", "--epochs", "1", "--batch", "4", "--out", out, ...more]);
  expect(pretrain().status).toBe(0);
  const half = join(out, "weights-f16.safetensors");
  expect(() => statSync(half)).toThrow("ENOENT");
  expect(pretrain("--half").stdout).toContain("nothing to do");
  const file = join(out, "weights.safetensors");
  expect(statSync(half).size).toBeLessThan(0.55 * statSync(file).size);
  const whole = readWeights(readFileSync(file), file);
  for (const [name, { data }] of readWeights(readFileSync(half), half))
    expect(data, name).toEqual(whole.get(name)?.data.map((value) => halfToFloat(floatToHalf(value))));

  writePictures(join(scratch, "cases"), 15);
  const start = ["--weights", half, "--rename-last", "--pixel-scale", "0.015625", "--inspect-start", "--json"];
  const { status, stdout, stderr } = runCli(["train", ...network, "--data", join(scratch, "cases"), ...start]);
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('"inception_5b/1x1"');
});
