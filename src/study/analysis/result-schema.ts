// What a results.json of this version must be, part by part as result.ts declares it: a damaged file is named, with the place in it. The types of the
// schemas are compared with the interfaces there by the compiler.
import * as v from "valibot";
import type { ExternalCohort } from "./external.ts";
import { ANALYSIS_FORMAT, type Analysis, type CohortCase, type Estimate, type IntervalOrReason, type Proportion } from "./result.ts";

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const text = v.string();
const split = v.picklist(["train", "val", "test"]);

const INTERVAL = { low: finite, high: finite };
const interval = v.object(INTERVAL);
const notEstimable = v.object({ value: v.null(), reason: text });
const estimate: v.GenericSchema<Estimate> = v.union([v.object({ value: finite }), notEstimable]);
const intervalOrReason: v.GenericSchema<IntervalOrReason> = v.union([interval, v.object({ low: v.null(), high: v.null(), reason: text })]);
/** An estimate with an interval, or with none. */
const estimateAndInterval = v.union([
  v.object({ value: finite, interval: v.nullable(interval) }),
  v.object({ value: v.null(), reason: text, interval: v.nullable(interval) }),
]);
const proportionOfCases = v.object({ ...INTERVAL, value: share, count, of: count, exact: interval });
const proportion: v.GenericSchema<Proportion> = v.union([proportionOfCases, notEstimable]);

const MODEL_NAME = { model: text, network: text, pretrained: v.boolean(), augmented: v.boolean(), initialWeights: text };

const RUN = v.object({
  model: text,
  seed: count,
  auc: share,
  validationLoss: finite,
  distinctScores: count,
  cases: count,
  deadShare: v.nullable(share),
  faults: v.array(text),
});

const ARM = v.object({
  ...MODEL_NAME,
  seeds: v.array(count),
  leftOut: v.array(count),
  auc: estimate,
  sd: estimate,
  standardError: estimate,
  degreesOfFreedom: estimate,
  interval: intervalOrReason,
  agreement: estimate,
});

const KIND = v.picklist(["augmentation", "pretraining", "network"]);

const ARM_CONTRAST = v.object({
  kind: KIND,
  title: text,
  first: v.nullable(text),
  second: v.nullable(text),
  difference: estimate,
  test: v.nullable(
    v.object({
      ...INTERVAL,
      difference: finite,
      standardError: finite,
      t: estimate,
      degreesOfFreedom: estimate,
      p: share,
      holm: share,
      degenerate: v.boolean(),
    }),
  ),
  verdict: v.picklist(["holds", "does not hold", "not decided", "not judged", "not tested"]),
  reason: v.exactOptional(text),
  leftOut: v.array(v.object({ model: text, seed: count })),
});

const AREA = v.object({
  value: share,
  variance: finite,
  standardError: finite,
  delong: v.object({ ...INTERVAL, degenerate: v.boolean() }),
  logit: intervalOrReason,
  bootstrap: interval,
  perfect: v.nullable(
    v.object({
      sensitivityLow: finite,
      specificityLow: finite,
      sensitivityRuleOfThree: finite,
      specificityRuleOfThree: finite,
      binormalLow: finite,
      binormalLow95: finite,
      gap: finite,
    }),
  ),
});

const OPERATING = v.object({
  threshold: finite,
  truePositives: count,
  falsePositives: count,
  trueNegatives: count,
  falseNegatives: count,
  sensitivity: proportionOfCases,
  specificity: proportionOfCases,
  ppv: proportion,
  npv: proportion,
  ppvAt5: estimate,
  npvAt5: estimate,
  accuracy: proportionOfCases,
});

const CALIBRATION = v.object({
  brier: finite,
  brierOfPrevalence: finite,
  bins: v.array(v.object({ predicted: finite, observed: proportionOfCases })),
  ece: finite,
  intercept: estimateAndInterval,
  slope: estimateAndInterval,
  inTheLarge: estimateAndInterval,
});

const SUBGROUP = v.object({
  by: text,
  name: text,
  positives: count,
  negatives: count,
  against: v.picklist(["own", "all negatives", "all positives"]),
  auc: estimateAndInterval,
  perfect: v.nullable(text),
  sensitivity: proportion,
  specificity: proportion,
  rest: v.nullable(v.object({ difference: finite, p: share, holm: share })),
  untested: v.exactOptional(text),
});

const MODEL = v.object({
  ...MODEL_NAME,
  seed: count,
  learned: v.boolean(),
  positives: count,
  negatives: count,
  roc: v.pipe(v.array(v.object({ falsePositiveRate: share, sensitivity: share, threshold: v.nullable(finite) })), v.minLength(2)),
  auc: AREA,
  validationAuc: estimate,
  validationLoss: finite,
  threshold: v.object({
    score: v.nullable(finite),
    probability: v.nullable(share),
    youden: v.nullable(finite),
    positives: count,
    negatives: count,
    reason: v.exactOptional(text),
  }),
  operating: v.nullable(OPERATING),
  optimistic: OPERATING,
  sensitivityAt95: v.object({ ...INTERVAL, value: finite, specificity: finite }),
  partialAuc: v.object({ ...INTERVAL, value: finite, from: finite }),
  decisionCurve: v.array(v.object({ threshold: finite, netBenefit: finite, ofAll: finite })),
  calibration: CALIBRATION,
  confusion: v.array(v.array(count)),
  classAccuracy: proportionOfCases,
  side: v.nullable(v.object({ all: proportion, called: proportion, confusion: v.array(v.tuple([count, count])) })),
  spread: v.object({
    seeds: v.array(v.object({ seed: count, auc: share })),
    mean: finite,
    sd: estimate,
    min: finite,
    max: finite,
  }),
  subgroups: v.array(SUBGROUP),
});

const COMPARISON = v.object({
  ...INTERVAL,
  first: text,
  second: text,
  difference: finite,
  standardError: finite,
  bootstrap: interval,
  z: estimate,
  p: share,
  holm: share,
  degenerate: v.boolean(),
  perfect: v.array(text),
  mcnemar: v.nullable(v.object({ onlyFirstRight: count, onlySecondRight: count, p: share, holm: share })),
});

const CONTRAST = v.object({
  kind: KIND,
  title: text,
  first: v.nullable(text),
  second: v.nullable(text),
  test: v.nullable(COMPARISON),
  reason: v.exactOptional(text),
});

const POWER = v.object({
  positives: count,
  negatives: count,
  validationPositives: count,
  validationNegatives: count,
  precision: v.array(v.object({ auc: finite, standardError: finite, validationStandardError: v.nullable(finite) })),
  detectable: v.array(
    v.object({
      auc: finite,
      correlation: finite,
      alpha: finite,
      power: finite,
      difference: estimate,
      simulatedPower: finite,
      largeSample: estimate,
    }),
  ),
  falseAlarms: v.array(v.object({ auc: finite, correlation: finite, share: finite })),
  simulatedCohorts: count,
  sensitivityInterval: interval,
  sensitivityStep: finite,
  papersPair: v.object({ standardError: finite, z: finite, p: finite }),
  sentences: v.array(text),
});

/** results.json. */
export const ANALYSIS: v.GenericSchema<unknown, Analysis> = v.object({
  format: v.literal(ANALYSIS_FORMAT),
  level: v.literal(0.95),
  plan: v.object({
    classes: v.array(text),
    primarySeed: count,
    bootstrap: v.object({ samples: count, seed: count }),
    simulatedCohorts: v.exactOptional(count),
  }),
  cohort: v.object({
    cases: count,
    counts: v.array(v.object({ split, label: text, stratum: text, cases: count })),
    splits: v.array(v.object({ split, cases: count, positives: count, negatives: count })),
  }),
  runs: v.array(RUN),
  arms: v.array(ARM),
  armContrasts: v.array(ARM_CONTRAST),
  models: v.pipe(v.array(MODEL), v.minLength(1)),
  pairs: v.array(COMPARISON),
  contrasts: v.array(CONTRAST),
  equalAreas: v.nullable(v.object({ chiSquared: estimate, degreesOfFreedom: count, p: share, degenerate: v.boolean() })),
  seeds: v.array(
    v.object({
      seed: count,
      primary: v.boolean(),
      models: v.array(v.object({ ...INTERVAL, model: text, auc: share })),
      contrasts: v.array(CONTRAST),
    }),
  ),
  power: POWER,
  claims: v.array(
    v.object({
      claim: text,
      verdict: v.picklist(["holds", "holds in part", "does not hold", "not decided", "not judged", "not tested"]),
      evidence: text,
    }),
  ),
  cautions: v.array(text),
});

/** external.json: the trained models on a second cohort. */
export const EXTERNAL_COHORT: v.GenericSchema<unknown, ExternalCohort> = v.object({
  positives: count,
  negatives: count,
  runs: v.array(
    v.object({
      model: text,
      seed: count,
      auc: share,
      interval,
      operating: v.nullable(v.object({ sensitivity: proportionOfCases, specificity: proportionOfCases })),
    }),
  ),
});

/** cases.json: every case of the cohort. */
export const COHORT_CASES: v.GenericSchema<unknown, CohortCase[]> = v.array(
  v.object({
    case: count,
    split,
    label: text,
    strata: v.exactOptional(
      v.strictObject({
        volumeMl: v.exactOptional(finite),
        site: v.exactOptional(text),
        stratum: v.exactOptional(text),
        otherBleed: v.exactOptional(v.boolean()),
        thicknessMm: v.exactOptional(finite),
        tilted: v.exactOptional(v.boolean()),
        syntax: v.exactOptional(text),
        kernel: v.exactOptional(text),
      }),
    ),
  }),
);
