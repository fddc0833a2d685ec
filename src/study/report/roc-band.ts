// A band around a ROC curve: the curve's height in resamples of patients, positives and negatives apart, at fixed shares of false alarms. It holds point
// by point, for other cases and the same trained model.
import { percentileInterval } from "../../statistics/bootstrap.ts";
import { rocCurve } from "../../statistics/roc.ts";
import { uniformOf } from "../analysis/estimates.ts";
import type { AnalysisPlan, ScoredCase } from "../analysis/result.ts";
import { isPositive } from "./page.ts";

export interface BandPoint {
  readonly falsePositiveRate: number;
  readonly low: number;
  readonly high: number;
}

/** Shares of false alarms at which the band is drawn. */
const GRID = Array.from({ length: 26 }, (_, i) => i / 25);
/** More would not show. */
const SAMPLES = 400;

/** The same cases, plan and scores give the same band: it uses the first of the resamples that the analysis draws. */
export function rocBand(cases: readonly ScoredCase[], { bootstrap }: AnalysisPlan): BandPoint[] {
  const [positives, negatives] = [true, false].map((of) => cases.filter(({ label }) => isPositive(label) === of).map(({ score }) => score));
  const uniform = uniformOf(bootstrap.seed, "bootstrap");
  const samples = Math.min(SAMPLES, bootstrap.samples);
  const labels = cases.map((_, i) => (i < positives.length ? 1 : 0));
  const heights = GRID.map(() => new Float64Array(samples));
  for (let sample = 0; sample < samples; sample++) {
    const drawn = [
      ...positives.map((_, i) => positives[Math.floor(uniform(sample, i) * positives.length)]),
      ...negatives.map((_, i) => negatives[Math.floor(uniform(sample, positives.length + i) * negatives.length)]),
    ];
    const curve = rocCurve(drawn, labels).map(({ falsePositives, sensitivity }) => ({
      at: falsePositives / negatives.length,
      sensitivity,
    }));
    GRID.forEach((at, k) => (heights[k][sample] = heightAt(curve, at)));
  }
  return GRID.map((falsePositiveRate, k) => ({ falsePositiveRate, ...percentileInterval(heights[k]) }));
}

/** The curve's height at a share of false alarms, along the line that joins its points; the highest where it rises straight up. */
function heightAt(curve: readonly { readonly at: number; readonly sensitivity: number }[], at: number): number {
  const last = curve.findLastIndex((point) => point.at <= at);
  const [here, next] = [curve[last], curve[last + 1]];
  if (!next || here.at === at) return here.sensitivity;
  return here.sensitivity + ((at - here.at) / (next.at - here.at)) * (next.sensitivity - here.sensitivity);
}
