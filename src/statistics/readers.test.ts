// Published values of Van Dyke's data, an analysis of variance written out, and studies without any difference drawn from a seed.
import { describe, expect, test } from "vitest";
import { delong } from "./delong.ts";
import { holm } from "./holm.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { compareReaders, readerMean } from "./readers.ts";
import { auc } from "./roc.ts";
import { LABELS, RATINGS } from "./van-dyke.ts";
import { philox, unitFloat } from "../tensor/philox.ts";

const expectNear = (actual: number, expected: number, tolerance: number): void =>
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(tolerance);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("Van Dyke's 114 patients, two tests, five readers", () => {
  const CASES = LABELS.length;
  const tests = [
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
  ];
  const aucs = Float64Array.from(RATINGS, (ratings) => auc(ratings, LABELS));
  /** [curve][case], the area without the case. */
  const left = RATINGS.map((ratings) =>
    LABELS.map((_, k) =>
      auc(
        ratings.filter((_, i) => i !== k),
        LABELS.filter((_, i) => i !== k),
      ),
    ),
  );
  // The published values take the covariance from the jackknife.
  const covariance = Float64Array.from(
    left.flatMap((a) => {
      const ownMean = mean(a);
      return left.map((b) => {
        const otherMean = mean(b);
        return ((CASES - 1) / CASES) * a.reduce((sum, value, k) => sum + (value - ownMean) * (b[k] - otherMean), 0);
      });
    }),
  );
  const areas = { aucs, covariance };

  test("areas, as RJafroc prints them", () => {
    const published = [
      0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066, 0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169,
    ];
    for (const [k, area] of published.entries()) expectNear(aucs[k], area, 5e-9);
  });

  // RJafrocBook, chapter "Obuchowski Rockette Applications", hand calculation: estimate, standard error, degrees of freedom, interval, to
  // four digits, half a unit of the last.
  test.each([
    [0, 0.897, 0.03317, 12.74, 0.8252, 0.9689],
    [1, 0.9408, 0.02157, 12.71, 0.8941, 0.9875],
  ])("test %d alone", (at, estimate, standardError, degreesOfFreedom, low, high) => {
    const found = readerMean(areas, tests[at]);
    expectNear(found.mean, estimate, 5e-5);
    expectNear(found.standardError, standardError, 5e-6);
    expectNear(found.degreesOfFreedom, degreesOfFreedom, 5e-3);
    expectNear(found.low, low, 5e-5);
    expectNear(found.high, high, 5e-5);
  });

  test("the difference, by its published parts: mean squares 0.003083 and 0.001305, Cov1 to Cov3", () => {
    const [first, second, cov1, cov2, cov3] = [0.003083, 0.001305, 3.4661371e-4, 3.4407483e-4, 2.3902837e-4];
    // Published for readers that are the same under both tests: of the 25 pairs across tests 5 are a reader with himself, whose is Cov1.
    const variance = (first + second) / 5 + 2 * (cov2 - (cov1 + 4 * cov3) / 5);
    const found = compareReaders(areas, tests[0], tests[1]);
    expectNear(found.difference, -0.0438, 5e-5);
    expectNear(found.standardError ** 2, variance, 3e-7);
    expectNear(found.degreesOfFreedom, variance ** 2 / (((first / 5) ** 2 + (second / 5) ** 2) / 4), 2e-2);
  });

  test("the difference, by an analysis of variance of pseudovalues: readers nested in tests, crossed with cases", () => {
    // Hillis, Obuchowski, Schartz & Berbaum 2005, Stat Med 24:1579: with jackknife covariances both methods are one. Pseudovalues are moved so
    // that their mean is the area.
    const pseudo = left.map((areasWithout, k) => {
      const raw = areasWithout.map((value) => CASES * aucs[k] - (CASES - 1) * value);
      const shift = aucs[k] - mean(raw);
      return raw.map((value) => value + shift);
    });
    const J = 5;
    const at = (t: number, r: number): number[] => pseudo[tests[t][r]];
    const ofReader = [0, 1].map((t) => tests[t].map((_, r) => mean(at(t, r))));
    const ofTest = ofReader.map(mean);
    const ofTestCase = [0, 1].map((t) => LABELS.map((_, k) => mean(tests[t].map((_, r) => at(t, r)[k]))));
    const ofCase = LABELS.map((_, k) => (ofTestCase[0][k] + ofTestCase[1][k]) / 2);
    const grand = mean(ofTest);
    let [readers, testCases, rest] = [0, 0, 0];
    const readersOfTest = [0, 0];
    for (const t of [0, 1]) {
      for (let r = 0; r < J; r++) readersOfTest[t] += (CASES * (ofReader[t][r] - ofTest[t]) ** 2) / (J - 1);
      readers += readersOfTest[t] / 2;
      for (let k = 0; k < CASES; k++) {
        testCases += (J * (ofTestCase[t][k] - ofTest[t] - ofCase[k] + grand) ** 2) / (CASES - 1);
        for (let r = 0; r < J; r++)
          rest += (at(t, r)[k] - ofReader[t][r] - ofTestCase[t][k] + ofTest[t]) ** 2 / (2 * (J - 1) * (CASES - 1));
      }
    }
    const denominator = readers + Math.max(0, testCases - rest);
    const meanSquareOfTests = J * CASES * ofTest.reduce((sum, value) => sum + (value - grand) ** 2, 0);
    const found = compareReaders(areas, tests[0], tests[1]);
    expectNear(found.t ** 2, meanSquareOfTests / denominator, 1e-10);
    expectNear(found.standardError ** 2, (2 * denominator) / (J * CASES), 1e-14);
    const uncertain = readersOfTest.reduce((sum, square) => sum + (square / 2) ** 2 / (J - 1), 0);
    expectNear(found.degreesOfFreedom, denominator ** 2 / uncertain, 1e-8);
    // Hillis pools the mean squares of both tests, which gives no fewer.
    expect(found.degreesOfFreedom).toBeLessThan(denominator ** 2 / (readers ** 2 / (2 * (J - 1))));
  });

  test("with DeLong's covariance nearly the same", () => {
    const [jackknife, exact] = [areas, delong(RATINGS, LABELS)].map((each) => compareReaders(each, tests[0], tests[1]));
    expectNear(exact.difference, jackknife.difference, 1e-14);
    expectNear(exact.standardError / jackknife.standardError, 1, 0.01);
  });
});

describe("what has no variance", () => {
  // Three positives and three negatives; two curves perfect, two alike, one unlike them.
  const labels = [1, 1, 1, 0, 0, 0];
  const perfect = [6, 5, 4, 3, 2, 1];
  const fair = [6, 5, 2, 4, 3, 1];
  const areas = delong([perfect, perfect, fair, fair, [6, 2, 1, 5, 4, 3]], labels);

  test("an arm of perfect seeds: the other's variance decides, and it has no logit", () => {
    const found = readerMean(areas, [0, 1]);
    expect(found).toMatchObject({ mean: 1, sd: 0, standardError: 0, degreesOfFreedom: Infinity, logit: null });
    expect(compareReaders(areas, [0, 1], [2, 3])).toMatchObject({ degenerate: false, degreesOfFreedom: Infinity });
  });

  test("two such arms, equal or not", () => {
    const flat = delong([perfect, perfect, [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]], labels);
    expect(compareReaders(flat, [0, 1], [2, 3])).toMatchObject({ difference: 0.5, degenerate: true, p: 0, t: Infinity });
    expect(compareReaders(flat, [0, 1], [1, 0])).toMatchObject({ difference: 0, degenerate: true, p: 1, t: 0 });
  });

  test("unequal numbers of seeds, by hand", () => {
    const [first, second] = [readerMean(areas, [2, 3, 4]), readerMean(areas, [0, 1])];
    const found = compareReaders(areas, [2, 3, 4], [0, 1]);
    expectNear(found.difference, first.mean - 1, 1e-15);
    // Nothing covaries with a perfect curve.
    expectNear(found.standardError ** 2, first.standardError ** 2 + second.standardError ** 2, 1e-15);
    expectNear(found.degreesOfFreedom, first.degreesOfFreedom, 1e-9);
  });

  test("one curve is no arm", () => {
    expect(() => readerMean(areas, [0])).toThrow("wants at least two curves of an arm, got 1");
  });
});

// The design as it is: 110 cases of which half are positive, eight arms, three seeds each. A score is what all models see in a case, what
// an arm sees, what a run sees, and for a positive how far the run tells the classes apart, which a seed changes. STRIATUM_NULL_STUDIES=2000
// gives the figures of docs/statistics.md.
const STUDIES = Number(process.env["STRIATUM_NULL_STUDIES"] ?? 60);
const [POSITIVES, CASES, ARMS, SEEDS] = [55, 110, 8, 3];
const CONTRASTS = [0, 1, 2, 3].map((pair) => [2 * pair + 1, 2 * pair] as const).concat([0, 1, 4, 5].map((arm) => [arm + 2, arm] as const));

interface NullStudy {
  readonly name: string;
  readonly auc: number;
  /** Of the distance of the classes, between seeds; by arm, the list again from its start. */
  readonly seedSd: readonly number[];
  /** Part of the seed's effect that all arms share. */
  readonly sharedSeed: number;
}

/** [type I error per contrast, with any after Holm, coverage of an arm's logit interval, the same of the symmetric one] */
function simulate({ auc: area, seedSd, sharedSeed }: NullStudy, studies: number): number[] {
  const labels = Array.from({ length: CASES }, (_, i) => Number(i < POSITIVES));
  const shift = Math.SQRT2 * normalQuantile(area);
  const arms = Array.from({ length: ARMS }, (_, arm) => Array.from({ length: SEEDS }, (_, seed) => arm * SEEDS + seed));
  // E Phi((shift + sd z) / sqrt 2) = Phi(shift / sqrt(2 + sd^2)).
  const truths = arms.map((_, arm) => normalCdf(shift / Math.sqrt(2 + seedSd[arm % seedSd.length] ** 2)));
  const comparable = CONTRASTS.filter(([a, b]) => truths[a] === truths[b]);
  let [rejected, family, covered, coveredSymmetric] = [0, 0, 0, 0];
  for (let study = 0; study < studies; study++) {
    const normal = normalsOf(study);
    const common = labels.map(normal);
    const sharedSeeds = arms[0].map(normal);
    const curves = arms.flatMap((seeds, arm) => {
      const ofArm = labels.map(normal);
      return seeds.map((_, seed) => {
        const effect = Math.sqrt(sharedSeed) * sharedSeeds[seed] + Math.sqrt(1 - sharedSeed) * normal();
        const apart = shift + seedSd[arm % seedSd.length] * effect;
        return labels.map((label, i) => label * apart + Math.SQRT1_2 * common[i] + Math.sqrt(0.2) * ofArm[i] + Math.sqrt(0.3) * normal());
      });
    });
    const areas = delong(curves, labels);
    const p = comparable.map(([a, b]) => compareReaders(areas, arms[a], arms[b]).p);
    rejected += p.filter((value) => value < 0.05).length;
    family += Number(holm(p).some((value) => value < 0.05));
    for (const [arm, curvesOfArm] of arms.entries()) {
      const { low, high, logit } = readerMean(areas, curvesOfArm);
      coveredSymmetric += Number(low <= truths[arm] && truths[arm] <= high);
      covered += Number(logit !== null && logit.low <= truths[arm] && truths[arm] <= logit.high);
    }
  }
  return [rejected / (studies * comparable.length), family / studies, covered / (studies * ARMS), coveredSymmetric / (studies * ARMS)];
}

/** Normal draws, a function of the study alone; Box & Muller 1958. */
function normalsOf(study: number): () => number {
  let [draw, kept] = [0, NaN];
  return () => {
    if (!Number.isNaN(kept)) {
      const value = kept;
      kept = NaN;
      return value;
    }
    const [a, b] = philox([1995, 2007], [study, draw++, 0, 0]);
    const radius = Math.sqrt(-2 * Math.log(unitFloat(a) + 2 ** -25));
    kept = radius * Math.sin(2 * Math.PI * unitFloat(b));
    return radius * Math.cos(2 * Math.PI * unitFloat(b));
  };
}

/** The same studies in a long run give figures; contrasts of a study share arms and cases, so few studies say less than their tests would. */
const LONG = STUDIES >= 2000;
const ROOM = LONG ? 0.01 : 0.035;

test.for<NullStudy>([
  { name: "seeds that change little", auc: 0.85, seedSd: [0.05], sharedSeed: 0 },
  { name: "seeds that change more", auc: 0.85, seedSd: [0.15], sharedSeed: 0 },
  { name: "seeds that change much in every other pair of arms", auc: 0.85, seedSd: [0.05, 0.05, 0.4, 0.4], sharedSeed: 0 },
  { name: "areas of 0.95", auc: 0.95, seedSd: [0.1], sharedSeed: 0 },
])("studies without a difference, $name: the test at 0.05 comes out in about 5 %", async (study, { annotate }) => {
  const [error, family, coverage, symmetric] = simulate(study, STUDIES);
  if (LONG) await annotate(JSON.stringify({ error, family, coverage, symmetric }));
  expectNear(error, 0.05, ROOM);
  expect(family).toBeLessThan(0.05 + 2 * ROOM);
  expect(coverage).toBeGreaterThan(0.93 - ROOM);
});

test("studies without a difference, arms that share most of what a seed does: the test is on the safe side", async ({ annotate }) => {
  const [error, family, coverage, symmetric] = simulate({ name: "shared", auc: 0.85, seedSd: [0.3], sharedSeed: 0.8 }, STUDIES);
  if (LONG) await annotate(JSON.stringify({ error, family, coverage, symmetric }));
  expect(error).toBeLessThan(0.05);
  expect(coverage).toBeGreaterThan(0.93 - ROOM);
});
