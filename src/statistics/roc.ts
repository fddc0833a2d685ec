// The ROC curve of one set of scores, the area under it, and the operating point at a threshold, in float64. A case is called
// positive when score >= threshold; a higher score means more likely positive; tied scores count one half in the area.

/** Labels are 0 (negative) or 1 (positive), one a score. */
export type Numbers = ArrayLike<number>;

/** Where the positives and the negatives lie; throws, naming `what`, on unequal lengths, other labels, scores that are not finite, or fewer than `least` of a class. */
export function splitByLabel(
  what: string,
  scores: Numbers,
  labels: Numbers,
  least = 1,
): { readonly positives: readonly number[]; readonly negatives: readonly number[] } {
  if (scores.length !== labels.length)
    throw new Error(`${what}: expected one score per label, got ${scores.length} scores and ${labels.length} labels`);
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isFinite(scores[i])) throw new Error(`${what}: the score of case ${i} is ${scores[i]}; ranks need finite scores`);
    if (labels[i] === 1) positives.push(i);
    else if (labels[i] === 0) negatives.push(i);
    else throw new Error(`${what}: the label of case ${i} is ${labels[i]}, expected 0 (negative) or 1 (positive)`);
  }
  if (Math.min(positives.length, negatives.length) < least) {
    throw new Error(
      `${what}: expected at least ${least} positive and ${least} negative cases, got ${positives.length} and ${negatives.length}; evaluate a split that has both`,
    );
  }
  return { positives, negatives };
}

/** Ranks from 1 of the values at `cases`, in that order; tied values share the mean of their ranks. O(n log n). */
export function midRanks(values: Numbers, cases: readonly number[]): Float64Array {
  const order = Uint32Array.from(cases.keys()).sort((a, b) => values[cases[a]] - values[cases[b]]);
  const ranks = new Float64Array(cases.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[cases[order[end]]] === values[cases[order[start]]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2;
  }
  return ranks;
}

/** P(positive scores higher) + P(tie) / 2, the Mann-Whitney statistic: exact, because mid-ranks are halves of whole numbers. */
export function auc(scores: Numbers, labels: Numbers): number {
  const { positives, negatives } = splitByLabel("auc", scores, labels);
  const ranks = midRanks(scores, [...positives, ...negatives]);
  const m = positives.length;
  let rankSum = 0;
  for (let i = 0; i < m; i++) rankSum += ranks[i];
  return (rankSum - (m * (m + 1)) / 2) / (m * negatives.length);
}

export interface OperatingPoint {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  /** True positives over all positives. */
  readonly sensitivity: number;
  /** True negatives over all negatives. */
  readonly specificity: number;
}

function point(threshold: number, truePositives: number, falsePositives: number, m: number, n: number): OperatingPoint {
  return {
    threshold,
    truePositives,
    falsePositives,
    trueNegatives: n - falsePositives,
    falseNegatives: m - truePositives,
    sensitivity: truePositives / m,
    specificity: (n - falsePositives) / n,
  };
}

/**
 * The curve from (no case positive, threshold Infinity) to (all cases, the lowest score): one point per distinct score, the score being its
 * threshold. Joined by straight lines it encloses exactly auc(); a tie between classes is a slope.
 */
export function rocCurve(scores: Numbers, labels: Numbers): OperatingPoint[] {
  const { positives, negatives } = splitByLabel("rocCurve", scores, labels);
  const [m, n] = [positives.length, negatives.length];
  const order = [...positives, ...negatives].sort((a, b) => scores[b] - scores[a]);
  const curve = [point(Infinity, 0, 0, m, n)];
  let truePositives = 0;
  let falsePositives = 0;
  order.forEach((at, i) => {
    if (labels[at] === 1) truePositives++;
    else falsePositives++;
    const endsTie = i + 1 === order.length || scores[order[i + 1]] !== scores[at];
    if (endsTie) curve.push(point(scores[at], truePositives, falsePositives, m, n));
  });
  return curve;
}

/** Counts, sensitivity and specificity when score >= threshold is called positive. */
export function operatingPoint(scores: Numbers, labels: Numbers, threshold: number): OperatingPoint {
  if (Number.isNaN(threshold)) throw new Error("operatingPoint: the threshold is NaN");
  const { positives, negatives } = splitByLabel("operatingPoint", scores, labels);
  const called = (cases: readonly number[]): number => cases.filter((i) => scores[i] >= threshold).length;
  return point(threshold, called(positives), called(negatives), positives.length, negatives.length);
}

/** The most sensitive point of a curve whose specificity is at least so much: there is always one, as the curve starts at 1. */
export const pointAtSpecificity = (curve: readonly OperatingPoint[], specificity: number): OperatingPoint =>
  curve.filter((p) => p.specificity >= specificity).reduce((best, p) => (p.sensitivity > best.sensitivity ? p : best));

/**
 * Area under the part of a curve with at least that specificity, as McClish 1989, Med Decis Making 9:190, scales it: 1/2 where the curve is
 * the diagonal, 1 where it is perfect there.
 */
export function partialAuc(curve: readonly OperatingPoint[], specificity: number): number {
  const across = 1 - specificity;
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const [from, to] = [curve[i - 1], curve[i]];
    area += areaUpTo(across, [1 - from.specificity, from.sensitivity], [1 - to.specificity, to.sensitivity]);
  }
  return mcClish(area, across);
}

/** Area under the line between two points of a curve, up to `across`. */
export function areaUpTo(across: number, [x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): number {
  if (x0 >= across || x1 <= x0) return 0;
  const part = Math.min(1, (across - x0) / (x1 - x0));
  return part * (x1 - x0) * (y0 + (part * (y1 - y0)) / 2);
}

/** (1 + (area - least) / (most - least)) / 2, least and most being those of the diagonal and of the perfect curve. */
export function mcClish(area: number, across: number): number {
  const least = across ** 2 / 2;
  return (1 + (area - least) / (across - least)) / 2;
}

/** The threshold of `youdenPoint`; null where the labels are of one class. */
export const youdenThreshold = (scores: Numbers, labels: Numbers): number | null =>
  new Set(Array.from(labels)).size === 2 ? youdenPoint(scores, labels).threshold : null;

/**
 * The operating point with the largest sensitivity + specificity - 1 (Youden 1950), at equality the more sensitive one. Its threshold
 * lies midway in the gap between the lowest score called positive and the highest called negative.
 */
export function youdenPoint(scores: Numbers, labels: Numbers): OperatingPoint {
  const curve = rocCurve(scores, labels);
  const [{ trueNegatives: n }, { truePositives: m }] = [curve[0], curve[curve.length - 1]];
  // (sensitivity + specificity - 1) m n in whole numbers, so that equal is equal.
  const merit = (p: OperatingPoint): number => p.truePositives * n - p.falsePositives * m;
  let best = 0;
  for (let i = 1; i < curve.length; i++) if (merit(curve[i]) >= merit(curve[best])) best = i;
  const { threshold, ...counts } = curve[best];
  if (best === 0 || best === curve.length - 1) return curve[best];
  const below = curve[best + 1].threshold;
  const midway = below + (threshold - below) / 2;
  return { ...counts, threshold: midway > below ? midway : threshold };
}
