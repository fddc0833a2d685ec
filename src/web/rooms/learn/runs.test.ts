import { expect, test } from "vitest";
import { Runs, decimated, MOST_RUNS, type Run } from "./runs.ts";
import { changedSettings, difference, keysOf, ratesOf, settingsOf } from "./settings.ts";

const record = (step: number, loss = 1 / step) => ({ step, loss, losses: { loss }, accuracy: 0.5 });

test("a long line keeps its smallest and largest values, in order, in at most so many points", () => {
  const values = Array.from({ length: 10_001 }, (_, i) => Math.sin(i / 300));
  values[5000] = 40;
  values[7001] = -40;
  values[17] = NaN;
  const points = decimated(values, 2000);
  expect(points.length).toBeLessThanOrEqual(2000);
  expect(points.length).toBeGreaterThan(1900);
  expect(points).toContainEqual([5000, 40]);
  expect(points).toContainEqual([7001, -40]);
  expect(points.map(([x]) => x)).toEqual(points.map(([x]) => x).toSorted((a, b) => a - b));
  expect(decimated([3, NaN, 2], 2000)).toEqual([
    [0, 3],
    [2, 2],
  ]);
});

test("all settings are in the address, those at their defaults absent; what is none is the default", () => {
  const plain = settingsOf({ net: "alexnet" });
  const usual = ratesOf({ net: "alexnet" });
  expect(usual).toEqual([{ step: 0, rate: 0.001 }]);
  const rates = ratesOf({ net: "alexnet", rate: "0.5,120:0.05" });
  expect(rates).toEqual([
    { step: 0, rate: 0.5 },
    { step: 120, rate: 0.05 },
  ]);
  expect(keysOf({ ...plain, rate: 0.5 }, rates)["rate"]).toBe("0.5,120:0.05");
  expect(Object.values(keysOf(plain, usual)).filter((value) => value !== "")).toEqual(["alexnet"]);
  const changed = {
    ...plain,
    width: 4,
    data: "phantoms",
    cases: 24,
    rate: 0.5,
    momentum: 0,
    off: ["lrn", "relu5"],
    shuffled: true,
  } as const;
  expect(settingsOf(keysOf(changed, [{ step: 0, rate: 0.5 }]))).toEqual(changed);
  expect(settingsOf({ net: "alexnet", width: "3", batch: "many", data: "cats", mom: "7" })).toEqual({ ...plain, momentum: 0.999 });
});

test("a usual rate follows the network's width, one that was chosen stays", () => {
  const settings = settingsOf({ net: "alexnet" });
  expect(settings.rate).toBe(0.001);
  expect(changedSettings(settings, { width: 4 }).rate).toBe(0.0005);
  expect(changedSettings(settings, { net: "googlenet" })).toMatchObject({ rate: 0.002, decay: 0.0002 });
  expect(changedSettings({ ...settings, rate: 0.1 }, { width: 4 }).rate).toBe(0.1);
  expect(difference(settings, { ...settings, rate: 0.1, off: ["lrn"] })).toBe("without lrn, rate 0.1");
});

test("another rate forks a run at its step; the oldest that is not open gives way to the ninth", () => {
  const runs = new Runs();
  const settings = settingsOf({ net: "alexnet" });
  runs.begin(settings, ratesOf({ net: "alexnet" }));
  runs.take(runs.open.value as Run, { records: [record(1), record(2), record(3)], layers: [], hash: "a" });
  runs.fork(2, 0.1);
  const [first, second] = runs.all.value;
  expect(second).toMatchObject({
    name: "rate 0.1 from step 2",
    rates: [
      { step: 0, rate: 0.001 },
      { step: 2, rate: 0.1 },
    ],
  });
  expect(second.records).toEqual(first.records.slice(0, 2));
  expect(runs.take(runs.open.value as Run, { records: [record(3, 7)], layers: [], hash: "b" })).toEqual({
    steps: 0,
    isSame: true,
    comparedHash: false,
  });
  expect(first.records[2].loss).toBe(1 / 3);
  const again = (loss: number, hash: string) => runs.take(runs.open.value as Run, { records: [record(3, loss)], layers: [], hash });
  expect(again(7, "b")).toEqual({ steps: 1, isSame: true, comparedHash: true });
  expect(again(7, "")).toEqual({ steps: 1, isSame: true, comparedHash: false });
  expect(again(7, "c")).toEqual({ steps: 1, isSame: false, comparedHash: true });
  expect(again(7.5, "c").isSame).toBe(false);
  for (let i = 2; i < MOST_RUNS; i++) expect(runs.begin({ ...settings, seed: i }, [])).toBe(false);
  runs.open.value = first;
  expect(runs.begin({ ...settings, seed: 99 }, [])).toBe(true);
  expect(runs.all.value).toHaveLength(MOST_RUNS);
  expect(runs.all.value).toContain(first);
  expect(runs.all.value).not.toContain(second);
});
