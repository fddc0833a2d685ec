// `striatum compare` of two small runs: its numbers are those of eval, and runs that cannot be compared are refused by name.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PairedComparison } from "../../src/train/compare.ts";
import { runCli } from "../support/run-cli.ts";
import { writePictures } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-compare-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const at = (name: string): string => join(scratch, name);

const train = (data: string, out: string, ...more: string[]): void => {
  const settings = ["--net", "alexnet", "--width", "1/8", "--epochs", "2", "--batch", "8", "--data", at(data), "--out", at(out)];
  const { status, stderr } = runCli(["train", ...settings, ...more]);
  expect(status, stderr).toBe(0);
};
const compare = (first: string, second: string, ...more: string[]) =>
  runCli(["compare", at(first), at(second), "--data", at("cases"), ...more]);

beforeAll(() => {
  writePictures(at("cases"), 45);
  train("cases", "small", "--size", "64");
  train("cases", "cut", "--size", "80", "--head-crop", "0.9", "--seed", "1");
});

test("both areas are eval's, and the difference is theirs, whatever the image settings", () => {
  const { status, stdout, stderr } = compare("small", "cut", "--json");
  expect(status, stderr).toBe(0);
  const found = JSON.parse(stdout) as PairedComparison & { predictions: { p: number[] }[] };
  const aucs = ["small", "cut"].map((run) => {
    const evaluated = JSON.parse(runCli(["eval", at(run), "--data", at("cases"), "--json"]).stdout) as {
      auc: number;
      aucInterval: number[];
    };
    return evaluated;
  });
  found.areas.forEach(({ auc, interval }, i) => {
    expect(auc).toBeCloseTo(aucs[i].auc, 12);
    expect([...interval]).toEqual(aucs[i].aucInterval);
  });
  expect(found.difference.difference).toBeCloseTo(aucs[0].auc - aucs[1].auc, 12);
  expect(found.predictions).toHaveLength(found.cases);

  const text = compare("small", "cut").stdout;
  expect(text).toMatch(/^\d+ cases of the split test, \d+ with a finding and \d+ without\nrun +AUC +95 % interval \(DeLong\)\n/);
  expect(text).toContain(`first less second: ${found.difference.difference.toFixed(4)}`);
});

test("the split that both were trained on is refused", () => {
  const { status, stderr } = compare("small", "cut", "--split", "train");
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /small was trained on the cases of this split: compare runs on cases that neither has learnt from, such as --split test/,
  );
});

test("so are training cases that another list calls test cases, by their pixels", () => {
  const list = readFileSync(at("cases/labels.csv"), "utf8").trim().split("\n").slice(1);
  const rows = list.map((line, i) => `${line},${i % 2 === 0 ? "test" : "train"}`);
  writePictures(at("renamed"), 45);
  rmSync(at("renamed/labels.csv"));
  writeFileSync(at("renamed/manifest.csv"), `path,label,split\n${rows.join("\n")}\n`);
  const { status, stderr } = runCli(["compare", at("small"), at("cut"), "--data", at("renamed")]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/small was trained on \d+ of the 23 cases of the split test/);
});

test("runs of other classes are refused", () => {
  writePictures(at("two"), 30);
  const list = readFileSync(at("two/labels.csv"), "utf8").replaceAll(/left|right/g, "hemorrhage");
  writeFileSync(at("two/labels.csv"), list);
  train("two", "two-classes", "--size", "64");
  const { status, stderr } = compare("small", "two-classes");
  expect(status).toBe(1);
  expect(stderr).toMatch(/has the classes none, left, right and .*two-classes the classes none, hemorrhage: runs of the same classes/);
});
