// The precision and power of this number of cases, independent of the models: computed from the counts alone.
import { normalCdf, normalQuantile } from "../../statistics/normal.ts";
import { detectableDifference, hanleyMcNeilVariance, type TestDesign } from "../../statistics/power.ts";
import { wilson } from "../../statistics/proportion.ts";
import { simulatedRejections, type SimulationOptions } from "../../statistics/simulation.ts";
import type { AnalysisPlan, DetectableDifference, Power } from "./result.ts";
import { notEstimable, uniformOf } from "./estimates.ts";
import { digits2, digits3, percent, pSentence } from "../numbers.ts";

const AREAS = [0.75, 0.85, 0.95];
/** Assumed correlations of two models' scores within a class. Both see the same pictures; the true value is known only afterwards. */
const CORRELATIONS = [0.3, 0.7];
const ALPHA = 0.05;
const CONTRASTS = 9;
const POWER = 0.8;
/** Resolution of the detectable differences. */
const STEP = 0.01;

interface Counts {
  readonly positives: number;
  readonly negatives: number;
}

export function powerOf({ positives, negatives }: Counts, validation: Counts, { bootstrap, simulatedCohorts = 400 }: AnalysisPlan): Power {
  const options = { cohorts: simulatedCohorts, uniform: uniformOf(bootstrap.seed, "simulation") };
  const error = (auc: number, { positives: m, negatives: n }: Counts): number => Math.sqrt(hanleyMcNeilVariance(auc, m, n));
  const precision = [...AREAS, 0.99].map((auc) => ({
    auc,
    standardError: error(auc, { positives, negatives }),
    validationStandardError: validation.positives * validation.negatives > 0 ? error(auc, validation) : null,
  }));
  const detectable = [ALPHA, ALPHA / CONTRASTS].flatMap((alpha) =>
    AREAS.flatMap((auc) =>
      CORRELATIONS.map((correlation) => smallestDifference(auc, correlation, { positives, negatives, alpha }, options)),
    ),
  );
  const falseAlarms = [...AREAS, 0.99].map((auc) => {
    const correlation = CORRELATIONS[1];
    return {
      auc,
      correlation,
      share: simulatedRejections({ aucs: [auc, auc], correlation }, { positives, negatives, alpha: ALPHA }, options),
    };
  });
  const facts = {
    positives,
    negatives,
    validationPositives: validation.positives,
    validationNegatives: validation.negatives,
    precision,
    detectable,
    falseAlarms,
    simulatedCohorts,
    sensitivityInterval: wilson(Math.round(0.9 * positives), positives),
    sensitivityStep: 1 / positives,
    papersPair: papersPair(error(0.95, { positives, negatives })),
  };
  return { ...facts, sentences: sentencesOf(facts) };
}

/** Searched from where the large-sample formula puts it. */
function smallestDifference(auc: number, correlation: number, design: TestDesign, options: SimulationOptions): DetectableDifference {
  const most = Math.round((1 - auc) / STEP);
  const powers = new Map<number, number>();
  const powerAt = (steps: number): number => {
    const known = powers.get(steps);
    if (known !== undefined) return known;
    const second = steps === most ? 1 : auc + steps * STEP;
    const power = simulatedRejections({ aucs: [auc, second], correlation }, design, options);
    powers.set(steps, power);
    return power;
  };
  const formula = detectableDifference(auc, correlation, POWER, design);
  let steps = formula === null ? most : Math.min(most, Math.ceil(formula / STEP));
  while (steps < most && powerAt(steps) < POWER) steps++;
  while (steps > 1 && powerAt(steps - 1) >= POWER) steps--;
  const found = powerAt(steps) >= POWER;
  return {
    auc,
    correlation,
    alpha: design.alpha,
    power: POWER,
    difference: found ? { value: steps * STEP } : notEstimable(`even a perfect model reaches a power of only ${percent(powerAt(most))}`),
    simulatedPower: powerAt(steps),
    largeSample: formula === null ? notEstimable("the formula does not reach the power below an area of 1") : { value: formula },
  };
}

/** 1.00 has no variance: the test rests on that of 0.95. */
function papersPair(standardError: number): Power["papersPair"] {
  const z = 0.05 / standardError;
  return { standardError, z, p: 2 * normalCdf(-z) };
}

function sentencesOf(power: Omit<Power, "sentences">): string[] {
  const { positives, negatives, validationPositives, validationNegatives, precision, detectable, falseAlarms, sensitivityInterval } = power;
  const z = normalQuantile(0.975);
  const at = precision.find(({ auc }) => auc === 0.85) ?? precision[0];
  const sentences = [
    `With ${positives} positive and ${negatives} negative test cases an area of ${digits2(at.auc)} is known to about \u00b1${digits2(z * at.standardError)} (95 %).`,
    `A sensitivity near 0.90 is known only to lie within ${digits2(sensitivityInterval.low)} to ${digits2(sensitivityInterval.high)}; one patient more or less changes it by ${digits3(power.sensitivityStep)}.`,
  ];
  for (const alpha of [ALPHA, ALPHA / CONTRASTS]) {
    const found = detectable.filter((row) => row.alpha === alpha && row.correlation === CORRELATIONS[1]);
    const told = found.map(({ auc, difference }) =>
      difference.value === null ? `none from ${digits2(auc)}, not even to 1.00` : `${digits2(difference.value)} from ${digits2(auc)}`,
    );
    const level = alpha === ALPHA ? "at p < 0.05, unadjusted" : "at p < 0.05 after Holm's first step over nine";
    sentences.push(
      `Smallest differences found in ${percent(POWER)} of simulated cohorts ${level}, where the models' scores correlate by ${CORRELATIONS[1]}: ${told.join(", ")}. Smaller ones may be real and still be missed.`,
    );
  }
  sentences.push(
    `A difference as the paper reports it, 1.00 against 0.95, would come to ${pSentence(power.papersPair.p)} here, before adjustment.`,
    `In simulated cohorts of this size without any difference, the test at 0.05 was significant in ${falseAlarms.map(({ auc, share }) => `${(100 * share).toFixed(1)} % (areas of ${digits2(auc)})`).join(", ")}.`,
  );
  const val = precision.find(({ auc }) => auc === 0.85)?.validationStandardError ?? null;
  sentences.push(
    val === null
      ? "Validation has one class only: it cannot choose a threshold or rank models."
      : `Validation has ${validationPositives} positive and ${validationNegatives} negative cases: an area of 0.85 is known there to \u00b1${digits2(z * val)}, so it chooses models and thresholds roughly.`,
  );
  return sentences;
}
