import { expect, test } from "vitest";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";
import { runInSlices } from "./sliced-run.ts";

/** A session whose launches take so many milliseconds each, and a submission one more. */
function session(...milliseconds: number[]) {
  let now = 0;
  let parts: [number, number][] = [];
  const engine = { platform: { now: () => now }, idle: async () => undefined } as unknown as Engine;
  const made = {
    plan: { launches: milliseconds },
    runPart(from: number, end: number) {
      parts.push([from, end]);
      now += 1 + milliseconds.slice(from, end).reduce((sum, each) => sum + each, 0);
    },
  } as unknown as Session;
  const run = async (most: number): Promise<[number, number][]> => {
    parts = [];
    await runInSlices(made, engine, most);
    return parts;
  };
  return { run, milliseconds };
}

test("two steps are measured launch by launch; then each submission has as much work as fits, and a long launch its own", async () => {
  const { run } = session(0, 2, 3, 3, 20, 1, 1);
  const each = [0, 1, 2, 3, 4, 5, 6].map((from) => [from, from + 1]);
  expect(await run(5)).toEqual(each);
  expect(await run(5)).toEqual(each);
  expect(await run(5)).toEqual([
    [0, 3],
    [3, 4],
    [4, 5],
    [5, 7],
  ]);
  expect(await run(100)).toEqual([[0, 7]]);
});

test("what a driver compiles late in the first step does not count", async () => {
  const { run, milliseconds } = session(50, 0, 1);
  await run(2);
  milliseconds[0] = 1;
  await run(2);
  expect(await run(2)).toEqual([[0, 3]]);
});
