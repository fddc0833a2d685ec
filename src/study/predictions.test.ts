import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatPredictions, parsePredictions, scored } from "./predictions.ts";

const CLASSES = ["none", "left", "right"];
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const cases = fc.array(fc.tuple(fc.nat(9999), fc.constantFrom(...CLASSES), fc.tuple(probability, probability, probability)), {
  maxLength: 6,
});

test("what is written is read back to the same bits", () => {
  fc.assert(
    fc.property(cases, cases, (val, test) => {
      const of = (rows: typeof val) => rows.map(([index, label, p]) => scored(index, label, p));
      const predictions = { val: of(val), test: of(test) };
      expect(parsePredictions(formatPredictions(predictions, CLASSES), "p.csv", CLASSES)).toEqual(predictions);
    }),
  );
});

test("scores stay finite and in order where a network is certain", () => {
  const [sure, surer, unsure] = [[1e-30, 1, 0], [0, 1, 0], [1, 1e-20, 0]].map((p, i) => scored(i, "left", p).score); // prettier-ignore
  expect(surer).toBeGreaterThan(sure);
  expect(sure).toBeGreaterThan(unsure);
  expect([sure, surer, unsure].every(Number.isFinite)).toBe(true);
});

test.each([
  ["another header", "case,split,label,score,p_none,p_left\n", "p.csv: the header must be case,split,label,score,p_none,p_left,p_right"],
  ["a split of training", "0,train,none,0,1,0,0", "p.csv line 2: expected a prediction"],
  ["a label that is not a class", "0,val,both,0,1,0,0", "p.csv line 2: expected a prediction"],
  ["a number that is none", "0,val,none,x,1,0,0", "p.csv line 2: expected a prediction"],
  ["a probability above 1", "0,val,none,0,7,0,0", "p.csv line 2: expected a prediction"],
  ["a probability below 0", "0,val,none,0,1,-0.5,0.5", "p.csv line 2: expected a prediction"],
  ["half a case", "0.5,val,none,0,1,0,0", "p.csv line 2: expected a prediction"],
  ["a field that is empty", "0,val,none,,1,0,0", "p.csv line 2: expected a prediction"],
])("%s is refused by its line", (_, text, message) => {
  const whole = text.startsWith("case") ? text : `case,split,label,score,p_none,p_left,p_right\n${text}\n`;
  expect(() => parsePredictions(whole, "p.csv", CLASSES)).toThrow(message);
});
