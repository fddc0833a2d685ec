// The comparison of candidates with given times.
import { expect, test } from "vitest";
import { race, winnerOf, type Outcome, type Racer } from "./race.ts";

/** Times in order, the last one repeated; records the calls. */
function racer(name: string, laps: readonly number[], log: string[] = [], refusal: string | null = null): Racer {
  let lap = 0;
  return {
    start: async () => {
      log.push(`start ${name}`);
      return refusal;
    },
    lap: async () => {
      log.push(name);
      return laps[Math.min(lap++, laps.length - 1)];
    },
  };
}

const at = (outcomes: readonly Outcome[] | null, i: number): Outcome => (outcomes as readonly Outcome[])[i];

test("the fastest of those that keep up wins, by medians and not by one lucky lap", async () => {
  const outcomes = await race([racer("rule", [100]), racer("lucky", [60, 130, 130]), racer("steady", [80])], { shortest: null });
  expect(outcomes).toEqual([{ microseconds: 100 }, { microseconds: 130 }, { microseconds: 80 }]);
  expect(winnerOf(outcomes as Outcome[])).toBe(2);
});

test("laps go round by round, so that a slow minute falls on all", async () => {
  const log: string[] = [];
  await race([racer("a", [100], log), racer("b", [100], log)], { shortest: null });
  expect(log.slice(0, 6)).toEqual(["start a", "a", "a", "start b", "b", "b"]);
  expect(log.slice(6)).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"]);
});

test("who takes half as long again gives up; who is slow but once does not", async () => {
  const log: string[] = [];
  const outcomes = await race([racer("rule", [100], log), racer("slow", [151], log), racer("disturbed", [400, 90], log)], {
    shortest: null,
  });
  expect(log.filter((name) => name === "slow")).toHaveLength(2);
  expect(log.filter((name) => name === "disturbed").length).toBeGreaterThan(4);
  expect(at(outcomes, 1)).toEqual({ microseconds: 151 });
  expect(winnerOf(outcomes as Outcome[])).toBe(2);
});

test("the rule runs to the end however slow it is, so that what others gain on it is not due to one round", async () => {
  const log: string[] = [];
  await race([racer("rule", [500], log), racer("fast", [100], log)], { shortest: null });
  expect(log.filter((name) => name === "rule")).toHaveLength(log.filter((name) => name === "fast").length);
});

test("near the roof nobody looks further: those to come do not even start", async () => {
  const log: string[] = [];
  const outcomes = await race([racer("rule", [110], log), racer("other", [100], log)], { shortest: 100 });
  expect(log).toEqual(["start rule", "rule", "rule"]);
  expect(outcomes).toEqual([{ microseconds: 110 }, null]);
  expect(await race([racer("rule", [112]), racer("other", [105])], { shortest: 100 })).toEqual([
    { microseconds: 112 },
    { microseconds: 105 },
  ]);
});

test("who computes wrongly is out, with the reason; the race goes on without it", async () => {
  const log: string[] = [];
  const outcomes = await race([racer("rule", [100], log, "computes wrongly"), racer("other", [300], log)], { shortest: null });
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

test("aborted, it says nothing: half a race has no winner", async () => {
  const controller = new AbortController();
  const stopping: Racer = {
    start: async () => null,
    lap: async () => {
      controller.abort();
      return 100;
    },
  };
  expect(await race([stopping, racer("other", [100])], { shortest: null, signal: controller.signal })).toBeNull();
});
