// The same model among cases that share something: a size, a site, a scanner's setting.
import { aucInterval, compareUnpaired, delong, type Delong } from "../../statistics/delong.ts";
import { holm } from "../../statistics/holm.ts";
import { auc } from "../../statistics/roc.ts";
import type { RestTest, Strata, Subgroup } from "./result.ts";
import { notEstimable, proportion } from "./estimates.ts";
import type { Judged } from "./input.ts";

interface Grouping {
  readonly by: string;
  /** The class whose cases it parts, to be ranked against all of the other; "both" where a group has its own positives and negatives. */
  readonly of: "positives" | "negatives" | "both";
  readonly nameOf: (strata: Strata) => string | undefined;
}

/** Bands of volume: about the hard, the middle and the large hemorrhages of the phantoms. Ours. */
function volumeBand({ volumeMl }: Strata): string | undefined {
  if (volumeMl === undefined) return undefined;
  if (volumeMl < 2) return "0 to 2 mL";
  return volumeMl < 10 ? "2 to 10 mL" : "10 mL and more";
}

const choice = (value: boolean | undefined, yes: string, no: string): string | undefined => {
  if (value === undefined) return undefined;
  return value ? yes : no;
};

const GROUPINGS: readonly Grouping[] = [
  { by: "volume", of: "positives", nameOf: volumeBand },
  { by: "site", of: "positives", nameOf: ({ site }) => site },
  { by: "stratum", of: "positives", nameOf: ({ stratum }) => stratum },
  { by: "stratum", of: "negatives", nameOf: ({ stratum }) => stratum },
  { by: "other bleeds", of: "negatives", nameOf: ({ otherBleed }) => choice(otherBleed, "bleed elsewhere", "no bleed elsewhere") },
  {
    by: "thickness",
    of: "both",
    nameOf: ({ thicknessMm }) => (thicknessMm === undefined ? undefined : `${Number(thicknessMm.toFixed(2))} mm`),
  },
  { by: "tilt", of: "both", nameOf: ({ tilted }) => choice(tilted, "tilted", "not tilted") },
  { by: "syntax", of: "both", nameOf: ({ syntax }) => syntax },
  { by: "kernel", of: "both", nameOf: ({ kernel }) => kernel },
];

/** Groupings in which all cases are alike, or of which nothing is known, are left out. */
export function subgroupsOf(test: Judged, threshold: number | null): Subgroup[] {
  const groups = GROUPINGS.flatMap((grouping) => groupsOf(test, grouping, threshold));
  const tested = groups.flatMap(({ rest }) => rest ?? []);
  const adjusted = holm(tested.map(({ p }) => p));
  return groups.map((group) => (group.rest ? { ...group, rest: { ...group.rest, holm: adjusted[tested.indexOf(group.rest)] } } : group));
}

function groupsOf(test: Judged, { by, of, nameOf }: Grouping, threshold: number | null): Subgroup[] {
  const parted = [...test.cases.keys()].filter((i) => of === "both" || (test.labels[i] === 1) === (of === "positives"));
  const names = [...new Set(parted.flatMap((i) => nameOf(test.strata[i]) ?? []))].toSorted(byNumberThenText);
  if (names.length < 2) return [];
  return names.map((name, at): Subgroup => {
    const own = parted.filter((i) => nameOf(test.strata[i]) === name);
    const others = [...test.cases.keys()].filter((i) => of !== "both" && !parted.includes(i));
    const tested = of === "both" ? restTest(test, own) : UNTESTED.oneClass;
    // With two groups the second's test would repeat the first's.
    const rest = names.length === 2 && at === 1 && typeof tested !== "string" ? UNTESTED.complement : tested;
    return {
      by,
      name,
      against: AGAINST[of],
      ...performance(test, own, others, threshold),
      ...(typeof rest === "string" ? { rest: null, untested: rest } : { rest }),
    };
  });
}

/** Fewer cases of a class carry no test: a variance of so few is a guess. */
const LEAST = 10;

const UNTESTED = {
  oneClass: "the group holds one class only",
  complement: "the other of two groups has the same test",
  few: `fewer than ${LEAST} cases of a class`,
  perfect: "an area of 0 or 1 has no variance",
} as const;

const AGAINST = { positives: "all negatives", negatives: "all positives", both: "own" } as const;

function byNumberThenText(a: string, b: string): number {
  const difference = Number.parseFloat(a) - Number.parseFloat(b);
  if (difference) return difference;
  return a < b ? -1 : 1;
}

type Performance = Pick<Subgroup, "positives" | "negatives" | "auc" | "perfect" | "sensitivity" | "specificity">;

function performance(test: Judged, own: readonly number[], others: readonly number[], threshold: number | null): Performance {
  const ofClass = (cases: readonly number[], label: number): number[] => cases.filter((i) => test.labels[i] === label);
  const [positives, negatives] = [ofClass(own, 1), ofClass(own, 0)];
  const called = (cases: readonly number[], positive: boolean): number =>
    cases.filter((i) => threshold !== null && test.scores[i] >= threshold === positive).length;
  const rate = (cases: readonly number[], positive: boolean): Subgroup["sensitivity"] => {
    if (threshold === null) return notEstimable("no threshold could be chosen on validation");
    return proportion(called(cases, positive), cases.length, `the group has no ${positive ? "positive" : "negative"} case`);
  };
  return {
    positives: positives.length,
    negatives: negatives.length,
    ...areaAmong(test, [...own, ...others]),
    sensitivity: rate(positives, true),
    specificity: rate(negatives, false),
  };
}

function areaAmong(test: Judged, cases: readonly number[]): Pick<Subgroup, "auc" | "perfect"> {
  const [scores, labels] = [test.scores, test.labels].map((values) => cases.map((i) => values[i]));
  const positives = labels.filter((label) => label === 1).length;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return { auc: { ...notEstimable(UNTESTED.oneClass), interval: null }, perfect: null };
  const value = auc(scores, labels);
  const result = value > 0 && value < 1 ? delongAmong(test, cases) : null;
  return {
    auc: { value, interval: result && aucInterval(value, result.covariance[0]) },
    perfect: value === 1 ? `${positives} of ${positives} and ${negatives} of ${negatives}` : null,
  };
}

/** Null where a class has fewer than two cases. */
function delongAmong(test: Judged, cases: readonly number[]): Delong | null {
  const labels = cases.map((i) => test.labels[i]);
  const positives = labels.filter((label) => label === 1).length;
  if (Math.min(positives, labels.length - positives) < 2) return null;
  return delong([cases.map((i) => test.scores[i])], labels);
}

/** Why there is none, or the test. */
function restTest(test: Judged, own: readonly number[]): RestTest | string {
  const group = delongAmong(test, own);
  const rest = delongAmong(
    test,
    [...test.cases.keys()].filter((i) => !own.includes(i)),
  );
  if (!group || !rest || [group, rest].some(({ positives, negatives }) => Math.min(positives, negatives) < LEAST)) return UNTESTED.few;
  if ([group, rest].some(({ aucs }) => aucs[0] === 0 || aucs[0] === 1)) return UNTESTED.perfect;
  const compared = compareUnpaired(group, rest);
  return compared ? { difference: compared.difference, p: compared.p, holm: compared.p } : UNTESTED.perfect;
}
