// How findings are printed.
import { expect, test } from "vitest";
import { formatFindings, type Finding } from "./verify.ts";

const finding = (ratio: number): Finding => ({
  op: "lrn",
  case: "control",
  family: "vector",
  worstError: ratio * 1e-6,
  bound: 1e-6,
  ratio,
});

test("what lies beyond its bound, or is not a number, is marked", () => {
  const lines = formatFindings([finding(0.25), finding(1), finding(1.001), finding(NaN)]).split("\n");
  expect(lines[0]).toMatch(/^op +case +family +worst error +bound +ratio$/);
  expect(lines[1]).toMatch(/^lrn +control +vector +2\.50e-7 +1\.00e-6 +0\.250$/);
  expect(lines.slice(1).map((line) => line.endsWith("WRONG"))).toEqual([false, false, true, true]);
});
