// How far raters of the same cases agree in their values.
import type { Numbers } from "./roc.ts";

/**
 * Intraclass correlation ICC(2, 1) of two or more raters, each rating all cases: the share of the variance of one rating that lies between
 * cases, with differences of level between raters held against them; Shrout & Fleiss 1979, Psychol Bull 86:420. Null where nothing varies.
 */
export function intraclassCorrelation(ratings: readonly Numbers[]): number | null {
  const [k, n] = [ratings.length, ratings[0]?.length ?? 0];
  if (k < 2 || n < 2) throw new Error(`intraclassCorrelation: wants two raters and two cases at least, got ${k} and ${n}`);
  const ofRater = ratings.map((values) => Array.from(values).reduce((a, b) => a + b, 0) / n);
  const ofCase = Array.from({ length: n }, (_, i) => ratings.reduce((sum, values) => sum + values[i], 0) / k);
  const grand = ofRater.reduce((a, b) => a + b, 0) / k;
  const betweenCases = (k * ofCase.reduce((sum, value) => sum + (value - grand) ** 2, 0)) / (n - 1);
  const betweenRaters = (n * ofRater.reduce((sum, value) => sum + (value - grand) ** 2, 0)) / (k - 1);
  const squares = ratings.reduce(
    (sum, values, r) => sum + ofCase.reduce((own, mean, i) => own + (values[i] - mean - ofRater[r] + grand) ** 2, 0),
    0,
  );
  const error = squares / ((n - 1) * (k - 1));
  const total = betweenCases + (k - 1) * error + (k * (betweenRaters - error)) / n;
  return total > 0 ? (betweenCases - error) / total : null;
}
