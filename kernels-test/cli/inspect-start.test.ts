// `train --inspect-start` and `inspect --start`: the start of every initialization as a table, with nothing trained and nothing written.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartReport } from "../../src/train/lsuv.ts";
import { runCli } from "../support/run-cli.ts";
import { writePictures } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-inspect-start-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeAll(() => writePictures(join(scratch, "cases"), 15));

const inspect = (...more: string[]) =>
  runCli(["train", "--inspect-start", "--net", "alexnet", "--width", "1/8", "--size", "64", "--data", join(scratch, "cases"), ...more]);

test.each(["reference", "msra", "lsuv"])("--init %s", (init) => {
  const { status, stdout, stderr } = inspect("--init", init, "--pixel-scale", "0.015625", "--json", "--out", join(scratch, "run"));
  expect(status, stderr).toBe(0);
  const { layers, loss, chance } = JSON.parse(stdout) as StartReport;
  expect(layers.map(({ name }) => name)).toEqual(["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]);
  expect(chance).toBeCloseTo(Math.log(3), 12);
  const unit = layers.filter(({ name, deviation }) => name !== "fc8" && Math.abs(deviation - 1) < 0.05);
  expect(unit.length === 7).toBe(init === "lsuv");
  if (init === "lsuv") expect(loss).toBeCloseTo(chance, 1);
  expect(readdirSync(scratch)).toEqual(["cases"]);
});

test("the table needs no --out, and training does", () => {
  const { status, stdout, stderr } = inspect();
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/layer +standard deviation +dead units\nconv1 .+fc8 .+\nloss \d\.\d+, chance 1\.099\n$/s);
  const refused = runCli(["train", "--net", "alexnet", "--data", join(scratch, "cases")]);
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("give --out, the run folder")]);
});

test("`inspect --start` prints the same table", () => {
  const folder = ["--data", join(scratch, "cases")];
  const options = ["--width", "1/8", "--size", "64", "--init", "msra", "--pixel-scale", "0.015625"];
  const { status, stdout, stderr } = runCli(["inspect", "alexnet", "--start", ...folder, ...options]);
  expect(status, stderr).toBe(0);
  expect(stdout).toBe(inspect("--init", "msra", "--pixel-scale", "0.015625").stdout);
  for (const [args, message] of [
    [["--start"], "--start wants --data"],
    [folder, "--data wants --start"],
  ] as const) {
    const refused = runCli(["inspect", "alexnet", ...args]);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});
