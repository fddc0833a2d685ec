import { mkdtempSync, rmSync, readFileSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nodeFiles } from "../platform/node-files.ts";
import { beginScoring, endScoring, scoringsOf } from "./test-ledger.ts";

const out = mkdtempSync(join(tmpdir(), "striatum-ledger-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const job = (name: string) => ({ name, id: "0123456789abcdef" });
const count = (name: string): Promise<number> => scoringsOf(nodeFiles, out, job(name));

test("a second scoring is refused unless it is asked for, and is counted", async () => {
  expect(await count("once")).toBe(0);
  await beginScoring(nodeFiles, out, job("once"), false);
  await endScoring(nodeFiles, out, job("once"));
  await expect(beginScoring(nodeFiles, out, job("once"), false)).rejects.toThrow(
    /once has scored the test cases before .* pass --score-again/,
  );
  expect(await count("once")).toBe(1);
  await beginScoring(nodeFiles, out, job("once"), true);
  expect(await count("once")).toBe(2);
});

test("a scoring that a kill cut short may be begun again, and is counted, even where it left half a line", async () => {
  await beginScoring(nodeFiles, out, job("killed"), false);
  appendFileSync(join(out, "test-scorings/killed.jsonl"), '{"event":"be');
  await beginScoring(nodeFiles, out, job("killed"), false);
  expect(await count("killed")).toBe(2);
  expect(readFileSync(join(out, "test-scorings/killed.jsonl"), "utf8")).toContain("begun");
});

test("a line that is no entry counts as a scoring begun", async () => {
  await beginScoring(nodeFiles, out, job("damaged"), false);
  appendFileSync(join(out, "test-scorings/damaged.jsonl"), 'null\n[]\n{"event":"other"}\n');
  expect(await count("damaged")).toBe(4);
});
