// Checks the scores and aligns them for the rest of the analysis. Every model of every seed has the same cases in
// the same order, with the labels of the cohort, and test holds two of each class at least.
import type { AnalysisPlan, CohortCase, ModelName, ModelScores, ScoredCase, Strata, TrainingRecord } from "./result.ts";

/** One split as arrays, one element per case. */
export interface Judged {
  readonly cases: readonly number[];
  /** Index of the true class. */
  readonly truth: readonly number[];
  /** 1 where the true class is not the first. */
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  /** P(not the first class). */
  readonly positive: readonly number[];
  /** [case][class] */
  readonly probabilities: readonly (readonly number[])[];
  readonly strata: readonly Strata[];
}

export interface JudgedModel {
  readonly name: ModelName;
  readonly seed: number;
  readonly val: Judged;
  readonly test: Judged;
  readonly training: TrainingRecord | null;
}

/** Throws, naming model, seed, split and case, if they do not fit together. */
export function judgedModels(models: readonly ModelScores[], cohort: readonly CohortCase[], plan: AnalysisPlan): JudgedModel[] {
  const known = new Map(cohort.map((item) => [item.case, item]));
  const judged: JudgedModel[] = [];
  for (const given of models.filter(({ split }) => split === "test")) {
    const { model, network, pretrained, augmented, initialWeights, seed } = given;
    const where = `analysis: model ${model}, seed ${seed}`;
    if (judged.some((other) => other.name.model === model && other.seed === seed)) throw new Error(`${where}: the test cases occur twice`);
    const validated = models.find((other) => other.model === model && other.seed === seed && other.split === "val");
    if (!validated) throw new Error(`${where}: expected validation scores too, from which the threshold is chosen`);
    judged.push({
      name: { model, network, pretrained, augmented, initialWeights },
      seed,
      val: judgedSplit(`${where}, val`, validated.cases, known, plan),
      test: judgedSplit(`${where}, test`, given.cases, known, plan),
      training: given.training ?? null,
    });
  }
  checkTogether(judged, plan);
  return judged;
}

function judgedSplit(
  where: string,
  scored: readonly ScoredCase[],
  known: ReadonlyMap<number, CohortCase>,
  { classes }: AnalysisPlan,
): Judged {
  const cases = scored.toSorted((a, b) => a.case - b.case);
  cases.forEach((item, i) => {
    const at = `${where}, case ${item.case}`;
    const expected = known.get(item.case);
    if (cases[i + 1]?.case === item.case) throw new Error(`${at}: occurs twice`);
    if (!expected) throw new Error(`${at}: is not in the cohort`);
    if (!classes.includes(item.label)) throw new Error(`${at}: the label is "${item.label}", expected one of ${classes.join(", ")}`);
    if (expected.label !== item.label) throw new Error(`${at}: the label is "${item.label}", in the cohort "${expected.label}"`);
    if (!Number.isFinite(item.score)) throw new Error(`${at}: the score is ${item.score}, expected finite log-odds`);
    if (item.probabilities.length !== classes.length || !item.probabilities.every(Number.isFinite))
      throw new Error(`${at}: expected ${classes.length} probabilities, got ${item.probabilities.join(", ")}`);
  });
  const truth = cases.map(({ label }) => classes.indexOf(label));
  return {
    cases: cases.map((item) => item.case),
    truth,
    labels: truth.map((label) => Number(label > 0)),
    scores: cases.map(({ score }) => score),
    positive: cases.map(({ probabilities }) => probabilities.slice(1).reduce((sum, p) => sum + p, 0)),
    probabilities: cases.map(({ probabilities }) => probabilities),
    strata: cases.map((item) => known.get(item.case)?.strata ?? {}),
  };
}

function checkTogether(judged: readonly JudgedModel[], { primarySeed }: AnalysisPlan): void {
  if (judged.length === 0) throw new Error("analysis: expected the test scores of at least one model, got none");
  const [first] = judged;
  for (const { name, seed, val, test } of judged) {
    const where = `analysis: model ${name.model}, seed ${seed}`;
    for (const [split, own, firsts] of [
      ["val", val, first.val],
      ["test", test, first.test],
    ] as const) {
      const same = own.cases.length === firsts.cases.length && own.cases.every((item, i) => item === firsts.cases[i]);
      if (!same) throw new Error(`${where}: its ${split} cases differ from those of ${first.name.model}; paired tests need the same cases`);
    }
    if (!judged.some((other) => other.name.model === name.model && other.seed === primarySeed))
      throw new Error(`${where}: the model was not trained with the primary seed, ${primarySeed}`);
  }
  const positives = first.test.labels.filter((label) => label === 1).length;
  const negatives = first.test.labels.length - positives;
  if (Math.min(positives, negatives) < 2)
    throw new Error(`analysis: the test split has ${positives} positive and ${negatives} negative cases; a variance needs 2 of each`);
}
