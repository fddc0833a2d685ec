// Two steps of the reduced profile on a few pictures: the plan with its times comes first, and the study runs to its report.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { writePictures } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-reduced-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("AlexNet at full width and 128 pixels", () => {
  const [cases, out] = [join(scratch, "cases"), join(scratch, "study")];
  writePictures(cases, 30);
  const options = ["--profile", "reduced", "--models", "alexnet-untrained-plain", "--data", cases, "--iterations", "2", "--out", out];
  const { status, stderr } = runCli(["study", ...options]);
  expect(status, stderr).toBe(0);
  expect(stderr.indexOf("on two cores without a GPU")).toBeGreaterThan(0);
  expect(stderr.indexOf("on two cores without a GPU")).toBeLessThan(stderr.indexOf("scoring the held-out cases"));
  const run = readdirSync(join(out, "jobs")).find((name) => name.startsWith("alexnet")) ?? "none";
  expect(JSON.parse(readFileSync(join(out, "jobs", run, "training/job.json"), "utf8"))).toMatchObject({
    width: 1,
    size: 128,
    batch: 16,
    init: "lsuv",
    keep: "last",
    images: { headCrop: 0.85, pixelScale: 1 / 64, slices: 3 },
  });
  expect(existsSync(join(out, "report.html"))).toBe(true);
});
