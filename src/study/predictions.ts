// predictions.csv: one run's predictions for every validation and test case, one line per case. Cases are numbers, never names; probabilities are written
// in full, so that reading them back gives the same bits.
import { parseCsv } from "../dataset/csv.ts";
import { logOdds } from "../statistics/confusion.ts";
import type { ScoredCase } from "./analysis/result.ts";

type ScoredSplit = "val" | "test";
export type Predictions = Readonly<Record<ScoredSplit, readonly ScoredCase[]>>;

/** A quotient of float32 sums may exceed 1 by as much. */
const ROUNDING = 1e-6;

const SPLITS: readonly ScoredSplit[] = ["val", "test"];

/** A case by its probabilities, in the order of the classes, "none" first. */
export function scored(index: number, label: string, probabilities: readonly number[]): ScoredCase {
  const positive = probabilities.slice(1).reduce((sum, p) => sum + p, 0);
  return { case: index, label, probabilities, score: logOdds(positive, probabilities[0]) };
}

export function formatPredictions(predictions: Predictions, classes: readonly string[]): string {
  const rows = SPLITS.flatMap((split) =>
    predictions[split].map(({ case: index, label, probabilities, score }) => [index, split, label, score, ...probabilities].join(",")),
  );
  return [["case", "split", "label", "score", ...classes.map((name) => `p_${name}`)].join(","), ...rows, ""].join("\n");
}

/** Throws, naming file and line, for what `formatPredictions` would not have written. */
export function parsePredictions(text: string, file: string, classes: readonly string[]): Predictions {
  const [header, ...rows] = parseCsv(text, file);
  const wanted = ["case", "split", "label", "score", ...classes.map((name) => `p_${name}`)].join(",");
  if (header?.fields.join(",") !== wanted) throw new Error(`${file}: the header must be ${wanted}`);
  const result: Record<ScoredSplit, ScoredCase[]> = { val: [], test: [] };
  for (const { line, fields } of rows) {
    const [index, split, label, score, ...probabilities] = fields;
    const numbers = [index, score, ...probabilities].map((field) => (field === "" ? Number.NaN : Number(field)));
    const possible = Number.isInteger(numbers[0]) && numbers.slice(2).every((p) => p >= 0 && p <= 1 + ROUNDING);
    if (!numbers.every(Number.isFinite) || !possible || !SPLITS.includes(split as ScoredSplit) || !classes.includes(label))
      throw new Error(
        `${file} line ${line}: expected a prediction of the classes ${classes.join(", ")}: the file was changed by hand or damaged`,
      );
    result[split as ScoredSplit].push({ case: numbers[0], label, probabilities: numbers.slice(2), score: numbers[1] });
  }
  return result;
}
