// Orders, counts and lists of scored cases, against cases made by hand.
import { expect, test } from "vitest";
import { confusionOf, disagreementOf, doubtfulList, lossOf, sorted, type ScoredItem } from "./scored.ts";

const item = (id: string, label: number, probabilities: number[], second: number[] | null = null): ScoredItem => ({
  id,
  label,
  probabilities,
  second,
});
const ITEMS = [
  item("sure and right", 0, [0.9, 0.1], [0.8, 0.2]),
  item("sure and wrong", 0, [0.05, 0.95], [0.05, 0.95]),
  item("unsure", 1, [0.45, 0.55], [0.9, 0.1]),
  item("nearly, wrong", 1, [0.6, 0.4], null),
];
const ids = (of: readonly ScoredItem[]): string[] => of.map(({ id }) => id);

test("the largest loss, the surest, the surest of what is wrong, the largest disagreement come first", () => {
  expect(ids(sorted(ITEMS, "loss"))).toEqual(["sure and wrong", "nearly, wrong", "unsure", "sure and right"]);
  expect(ids(sorted(ITEMS, "sure"))[0]).toBe("sure and wrong");
  expect(ids(sorted(ITEMS, "worst"))).toEqual(["sure and wrong", "nearly, wrong", "sure and right", "unsure"]);
  expect(ids(sorted(ITEMS, "disagreement"))[0]).toBe("unsure");
  expect(disagreementOf(ITEMS[2])).toBeCloseTo(0.45);
});

test("losses are -log p, with a floor; a confusion matrix counts labels by rows", () => {
  expect(lossOf(ITEMS[0])).toBeCloseTo(-Math.log(0.9));
  expect(lossOf(item("impossible", 0, [0, 1]))).toBeCloseTo(126 * Math.log(2));
  expect(confusionOf(ITEMS, 2)).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test("a list quotes what has a comma", () => {
  expect(doubtfulList([item("a,b", 0, [0.5, 0.5])], ["none", "left"])).toBe('case,label,said,loss\n"a,b",none,none,0.6931\n');
});
