// The table entry of a comparison, with given times.
import { expect, test } from "vitest";
import type { Choice } from "../kernels/choose.ts";
import type { Family, Tuning } from "../kernels/kernel.ts";
import { relu } from "../ops/relu.ts";
import type { Outcome } from "./benchmark.ts";
import { entryOf, type TuningProblem, type Ways } from "./tuner.ts";

const problem: TuningProblem = {
  node: { op: relu, inputs: {}, outputs: {}, attributes: {}, label: "relu1" },
  key: "relu x[4]",
  layers: ["relu1", "relu2"],
  math: "exact",
};

/** 6 million operations and 3 million bytes, in two launches. */
const choice = (family: Family, tuning?: Tuning): Choice => ({
  family,
  ...(tuning && { tuning }),
  lowering: {
    launches: [2e6, 4e6].map((flops) => ({ shader: "x.wgsl", dims: {}, workgroups: [1, 1, 1] as const, flops, bytes: flops / 2 })),
  },
});
const ways: Ways = {
  choices: [choice("subgroup"), choice("subgroup", { ROWS: 8 }), choice("workgroup"), choice("textbook")],
  passedOver: { vector: "cannot run these shapes on this adapter" },
  hash: "0123456789abcdef",
};
const roofline = { gflops: 100, gigabytesPerSecond: 10 };

test("the fastest right way, the rule beside it, and what became of all others", () => {
  const outcomes: Outcome[] = [{ microseconds: 1200 }, { microseconds: 600 }, { refused: "computes wrongly: 7.00 of its bound" }, null];
  expect(entryOf(problem, ways, outcomes, roofline)).toEqual({
    family: "subgroup",
    tuning: { ROWS: 8 },
    layer: "relu1",
    candidates: "0123456789abcdef",
    microseconds: 600,
    gflops: 10,
    roof: 0.5,
    rule: { family: "subgroup", microseconds: 1200 },
    runnerUp: { family: "subgroup", microseconds: 1200 },
    tried: {
      subgroup: 1200,
      "subgroup ROWS=8": 600,
      workgroup: "computes wrongly: 7.00 of its bound",
      textbook: "not needed: an earlier candidate came close to the roof",
      vector: "cannot run these shapes on this adapter",
    },
  });
});

test("the rule stays where others gain too little; without roofs there is no share of them", () => {
  const entry = entryOf(problem, ways, [{ microseconds: 600 }, { microseconds: 590 }, null, null], null);
  expect(entry).toMatchObject({ family: "subgroup", microseconds: 600, roof: null, runnerUp: { family: "subgroup", tuning: { ROWS: 8 } } });
  expect(entry).not.toHaveProperty("tuning");
});

test("a rule that computes wrongly is not in the table", () => {
  const entry = entryOf(problem, ways, [{ refused: "computes wrongly" }, { microseconds: 900 }, null, null], null);
  expect(entry).toMatchObject({ family: "subgroup", tuning: { ROWS: 8 } });
  expect(entry).not.toHaveProperty("rule");
  expect(entry).not.toHaveProperty("runnerUp");
});

test("where nothing runs, every reason is listed", () => {
  const outcomes: Outcome[] = [{ refused: "a" }, { refused: "b" }, { refused: "c" }, { refused: "d" }];
  expect(() => entryOf(problem, ways, outcomes, null)).toThrow(
    /^relu1: no kernel of relu x\[4\] runs here:\n {2}subgroup: a\n {2}subgroup ROWS=8: b\n/,
  );
});
