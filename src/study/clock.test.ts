// The study's clock on made-up events: what is done, what runs, and how long the rest takes at the pace so far.
import { expect, test } from "vitest";
import { StudyClock } from "./clock.ts";

const JOBS = [
  { name: "cohort", seconds: 10, done: true },
  { name: "a", seconds: 100, done: false },
  { name: "b", seconds: 100, done: false },
  { name: "analysis", seconds: 10, done: false },
];

const step = (at: number) => ({ kind: "step", step: at, of: 10, loss: 1, imagesPerSecond: 1, etaS: 0 }) as const;
const job = (name: string) => ({ kind: "job", name, job: 1, of: 4 }) as const;

test("two processes at once: shares of both count, and what was done before counts for no pace", () => {
  const clock = new StudyClock(JOBS, 1_000);
  clock.event(0, job("a"));
  clock.event(1, job("b"));
  expect(clock.status(2_000)).toEqual({
    kind: "study",
    done: 1,
    of: 4,
    running: [
      { name: "a", share: 0 },
      { name: "b", share: 0 },
    ],
    etaS: null,
  });
  clock.event(0, step(5));
  clock.event(1, step(3));
  // 80 of 210 estimated seconds in 20 s: 130 are left, at 4 per second.
  expect(clock.status(21_000).etaS).toBeCloseTo(130 / 4, 10);
  clock.event(0, { kind: "job-end", name: "a" });
  const status = clock.status(31_000);
  expect([status.done, status.running]).toEqual([2, [{ name: "b", share: 0.3 }]]);
  expect(status.etaS).toBeCloseTo(80 / (130 / 30), 10);
});

test("drawing cases is progress, an event without a job is none, and at the end nothing is left", () => {
  const clock = new StudyClock(
    JOBS.map((one) => ({ ...one, done: one.name !== "cohort" })),
    0,
  );
  clock.event(0, step(5));
  expect(clock.status(10_000)).toMatchObject({ done: 3, running: [], etaS: null });
  clock.event(0, job("cohort"));
  clock.event(0, { kind: "cases", done: 17, of: 170 });
  expect(clock.status(10_000)).toMatchObject({ running: [{ name: "cohort", share: 0.1 }], etaS: 90 });
  clock.event(0, { kind: "job-end", name: "cohort" });
  expect(clock.status(20_000)).toMatchObject({ done: 4, of: 4, running: [], etaS: 0 });
});
