// The comparison of candidates with given times.
import { expect, test } from "vitest";
import { benchmark, winnerOf, type Outcome, type Candidate } from "./benchmark.ts";

/** Times in order, the last one repeated; records the calls. */
function candidate(name: string, samples: readonly number[], log: string[] = [], refusal: string | null = null): Candidate {
  let sample = 0;
  return {
    start: async () => {
      log.push(`start ${name}`);
      return refusal;
    },
    sample: async () => {
      log.push(name);
      return samples[Math.min(sample++, samples.length - 1)];
    },
  };
}

const at = (outcomes: readonly Outcome[] | null, i: number): Outcome => (outcomes as readonly Outcome[])[i];

test("the fastest of those that keep up wins, by medians and not by one lucky sample", async () => {
  const outcomes = await benchmark([candidate("rule", [100]), candidate("lucky", [60, 130, 130]), candidate("steady", [80])], {
    shortest: null,
  });
  expect(outcomes).toEqual([{ microseconds: 100 }, { microseconds: 130 }, { microseconds: 80 }]);
  expect(winnerOf(outcomes as Outcome[])).toBe(2);
});

test("samples go round by round, so that a slow minute falls on all", async () => {
  const log: string[] = [];
  await benchmark([candidate("a", [100], log), candidate("b", [100], log)], { shortest: null });
  expect(log.slice(0, 6)).toEqual(["start a", "a", "a", "start b", "b", "b"]);
  expect(log.slice(6)).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"]);
});

test("who takes half as long again gives up; who is slow but once does not", async () => {
  const log: string[] = [];
  const outcomes = await benchmark([candidate("rule", [100], log), candidate("slow", [151], log), candidate("disturbed", [400, 90], log)], {
    shortest: null,
  });
  expect(log.filter((name) => name === "slow")).toHaveLength(2);
  expect(log.filter((name) => name === "disturbed").length).toBeGreaterThan(4);
  expect(at(outcomes, 1)).toEqual({ microseconds: 151 });
  expect(winnerOf(outcomes as Outcome[])).toBe(2);
});

test("the rule runs to the end however slow it is, so that what others gain on it is not due to one round", async () => {
  const log: string[] = [];
  await benchmark([candidate("rule", [500], log), candidate("fast", [100], log)], { shortest: null });
  expect(log.filter((name) => name === "rule")).toHaveLength(log.filter((name) => name === "fast").length);
});

test("near the roof nobody looks further: those to come do not even start", async () => {
  const log: string[] = [];
  const outcomes = await benchmark([candidate("rule", [110], log), candidate("other", [100], log)], { shortest: 100 });
  expect(log).toEqual(["start rule", "rule", "rule"]);
  expect(outcomes).toEqual([{ microseconds: 110 }, null]);
  expect(await benchmark([candidate("rule", [112]), candidate("other", [105])], { shortest: 100 })).toEqual([
    { microseconds: 112 },
    { microseconds: 105 },
  ]);
});

test("who computes wrongly is out, with the reason; the benchmark goes on without it", async () => {
  const log: string[] = [];
  const outcomes = await benchmark([candidate("rule", [100], log, "computes wrongly"), candidate("other", [300], log)], { shortest: null });
  expect(outcomes).toEqual([{ refused: "computes wrongly" }, { microseconds: 300 }]);
  expect(log).not.toContain("rule");
  expect(winnerOf(outcomes as Outcome[])).toBe(1);
});

test("the rule stays unless another gains more than noise", () => {
  expect(winnerOf([{ microseconds: 100 }, { microseconds: 96 }])).toBe(0);
  expect(winnerOf([{ microseconds: 100 }, { microseconds: 94 }])).toBe(1);
  expect(winnerOf([{ microseconds: 100 }, { microseconds: 90 }, { microseconds: 89 }])).toBe(2);
  expect(winnerOf([{ refused: "no" }, null])).toBeUndefined();
});

test("aborted, it says nothing: half a benchmark has no winner", async () => {
  const controller = new AbortController();
  const stopping: Candidate = {
    start: async () => null,
    sample: async () => {
      controller.abort();
      return 100;
    },
  };
  expect(await benchmark([stopping, candidate("other", [100])], { shortest: null, signal: controller.signal })).toBeNull();
});
