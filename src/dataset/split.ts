// Training, validation and test by patient: a function of a seed and the patients' names alone, so that no choice enters, and a patient
// never stands on both sides. Each stratum (label and side) is shared out in the same proportions.
import { sha256Hex } from "../tensor/sha256.ts";
import { SPLITS, type ManifestCase, type Split } from "./manifest.ts";

type Sizes = Readonly<Record<Split, number>>;

/** How to split: parts of all patients that add up to 1, or numbers of patients that add up to all. */
export type SplitPlan = { readonly seed: number } & ({ readonly fractions: Sizes } | { readonly patients: Sizes });

/** The split of a list without one: 60 % training, 20 % validation, 20 % test. */
export const splitPlan = (seed = 0): SplitPlan => ({ seed, fractions: { train: 0.6, val: 0.2, test: 0.2 } });

/** Patients with a finding and without, in each part of a split by fractions, where the list has so many: enough to train, to choose and to judge. */
const LEAST: Sizes = { train: 1, val: 1, test: 2 };

/**
 * The split of each case, in order. A split by fractions gives each part its share of the patients with a finding and of those without ("none"), and in
 * small lists as many as a study needs. Throws if the plan does not fit the number of patients.
 */
export function assignSplits(cases: readonly Pick<ManifestCase, "patient" | "label" | "side">[], plan: SplitPlan): Split[] {
  const strata = patientsByStratum(cases, plan.seed);
  const remaining = strata.map((patients) => patients.length);
  const sizes = wholeSizes(plan, sum(remaining));
  const splitOf = new Map<string, Split>();
  for (const split of ["test", "val", "train"] as const) {
    const shares = apportion(sizes[split], remaining);
    shares.forEach((share, stratum) => {
      const from = strata[stratum].length - remaining[stratum];
      for (const patient of strata[stratum].slice(from, from + share)) splitOf.set(patient, split);
      remaining[stratum] -= share;
    });
  }
  if ("fractions" in plan) fillUp(splitOf, strata, kindsByPatient(cases));
  return cases.map(({ patient }) => splitOf.get(patient) as Split);
}

/** Whether each patient has a case with a finding, and one without; empty where the list does not know "none". */
function kindsByPatient(cases: readonly Pick<ManifestCase, "patient" | "label">[]): ReadonlyMap<string, ReadonlySet<boolean>> {
  const kinds = new Map<string, Set<boolean>>();
  if (!cases.some(({ label }) => label === "none")) return kinds;
  for (const { patient, label } of cases) kinds.set(patient, (kinds.get(patient) ?? new Set()).add(label !== "none"));
  return kinds;
}

/** Moves patients into parts that have fewer than LEAST of a kind, out of parts that can spare them: training first, the larger stratum first. */
function fillUp(
  splitOf: Map<string, Split>,
  strata: readonly (readonly string[])[],
  kinds: ReadonlyMap<string, ReadonlySet<boolean>>,
): void {
  const count = (split: Split, kind: boolean): number =>
    [...kinds].filter(([patient, own]) => own.has(kind) && splitOf.get(patient) === split).length;
  const spares = (patient: string): boolean => {
    const own = splitOf.get(patient) as Split;
    return [...(kinds.get(patient) ?? [])].every((kind) => count(own, kind) > LEAST[own]);
  };
  const donor = (split: Split, kind: boolean): string | undefined => {
    for (const from of SPLITS.filter((other) => other !== split)) {
      const able = strata.map((patients) =>
        patients.filter((patient) => splitOf.get(patient) === from && kinds.get(patient)?.has(kind) && spares(patient)),
      );
      const [largest] = able.sort((a, b) => b.length - a.length);
      if (largest?.[0] !== undefined) return largest[0];
    }
    return undefined;
  };
  for (const split of ["test", "val", "train"] as const)
    for (const kind of [false, true])
      while (count(split, kind) < LEAST[split]) {
        const patient = donor(split, kind);
        if (patient === undefined) break;
        splitOf.set(patient, split);
      }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Patients of each stratum in the order of their hashes. A patient with several labels forms a stratum with those who have the same ones. */
function patientsByStratum(cases: readonly Pick<ManifestCase, "patient" | "label" | "side">[], seed: number): string[][] {
  const findings = new Map<string, Set<string>>();
  for (const { patient, label, side } of cases) {
    const own = findings.get(patient) ?? new Set();
    findings.set(patient, own.add(JSON.stringify([label, side])));
  }
  const strata = new Map<string, string[]>();
  for (const [patient, own] of findings) {
    const stratum = [...own].sort().join();
    strata.set(stratum, [...(strata.get(stratum) ?? []), patient]);
  }
  const rank = new Map([...findings.keys()].map((patient) => [patient, sha256Hex(`split ${seed} ${patient}`)]));
  const byRank = (a: string, b: string): number => ((rank.get(a) ?? "") < (rank.get(b) ?? "") ? -1 : 1);
  return [...strata.keys()].sort().map((stratum) => (strata.get(stratum) ?? []).sort(byRank));
}

function wholeSizes(plan: SplitPlan, patients: number): Sizes {
  const given = "patients" in plan ? plan.patients : plan.fractions;
  const values = SPLITS.map((split) => given[split]);
  const said = SPLITS.map((split) => `${split} ${given[split]}`).join(", ");
  if (values.some((value) => !(value >= 0))) throw new Error(`split: expected sizes of 0 or more, got ${said}`);
  if ("patients" in plan) {
    if (values.some((value) => !Number.isInteger(value)) || sum(values) !== patients) {
      throw new Error(`split: the dataset has ${patients} patients, but the plan (${said}) adds up to ${sum(values)}; make them equal`);
    }
    return given;
  }
  if (Math.abs(sum(values) - 1) > 1e-9) throw new Error(`split: fractions must add up to 1, got ${said}`);
  const [train, val, test] = apportion(patients, values);
  return { train, val, test };
}

/** Shares `total` out in whole numbers in proportion to `weights`: the largest remainders are rounded up. */
function apportion(total: number, weights: readonly number[]): number[] {
  const all = sum(weights);
  const exact = weights.map((weight) => (all === 0 ? 0 : (total * weight) / all));
  const shares = exact.map((share) => Math.floor(share + 1e-9));
  const byRemainder = [...shares.keys()].sort((a, b) => exact[b] - shares[b] - (exact[a] - shares[a]) || a - b);
  for (const i of byRemainder.slice(0, total - sum(shares))) shares[i]++;
  return shares;
}
