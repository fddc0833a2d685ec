// Who is in a cohort: labels, sides, strata and the split by patient, all fixed before a picture is drawn. Counts are stratified, not drawn:
// every split holds its share of every side, and every side its share of every stratum.
import {
  PARAMETERS,
  patientsOf,
  type CohortKind,
  type NegativeStratum,
  type PositiveStratum,
  type Side,
  type Split,
  type Stratum,
} from "./parameters.ts";
import { stream } from "./random.ts";

/** One synthetic patient, as data: everything else is a function of it. */
export interface CaseSpec {
  readonly kind: CohortKind;
  readonly seed: string;
  /** From 0, in the order of the manifest; also the number of the case's random streams. */
  readonly index: number;
  /** "PH0001": also the folder of its series. */
  readonly patient: string;
  readonly label: "hemorrhage" | "none";
  /** The patient's side on which the basal ganglia hemorrhage lies. */
  readonly side: Side;
  readonly split: Split;
  readonly stratum: Stratum;
}

export interface CohortOptions {
  /** Any number from 6; the published cohort has 170. */
  readonly cases: number;
  readonly seed: string | number;
  readonly kind: CohortKind;
}

/** Fewer cases than this are split 12 : 4 : 8 instead of 45 : 15 : 110, so that every split has some of every side. */
const SMALL = 60;
const SPLITS: readonly Split[] = ["train", "val", "test"];
const SIDES: readonly Side[] = ["right", "left", "none"];

/** The cases of a cohort. The same options give the same cases; other counts or seeds give others. */
export function makeCohort({ cases, seed, kind }: CohortOptions): CaseSpec[] {
  if (!Number.isInteger(cases) || cases < 6 || cases > 9999) throw new Error(`makeCohort: expected 6 to 9999 cases, got ${cases}`);
  const table = PARAMETERS.split[cases < SMALL ? "small" : "published"];
  const cells = SPLITS.flatMap((split) => SIDES.map((side) => ({ split, side, weight: table[split][side] })));
  const counts = apportion(
    cells.map(({ weight }) => weight),
    cases,
  );
  const patients = patientsOf(kind);
  const mix = PARAMETERS.mix[patients];
  const nextPositive = dealer(mix.positive);
  const nextNegative = dealer(mix.negative);
  const order = stream(String(seed), -1, `${patients} order`);
  const people = cells.flatMap(({ split, side }, i) =>
    Array.from({ length: counts[i] }, () => ({
      split,
      side,
      stratum: side === "none" ? nextNegative() : nextPositive(),
      place: order.uniform(0, 1),
    })),
  );
  people.sort((a, b) => a.place - b.place);
  return people.map(({ split, side, stratum }, index) => ({
    kind,
    seed: String(seed),
    index,
    patient: `PH${String(index + 1).padStart(4, "0")}`,
    label: side === "none" ? "none" : "hemorrhage",
    side,
    split,
    stratum,
  }));
}

export const isPositive = (stratum: Stratum): stratum is PositiveStratum =>
  stratum === "easy" || stratum === "medium" || stratum === "hard";

/** Whole counts that add up to `total` and stay within one of their share at every step: each cell hands its rounding on to the next. */
function apportion(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  let share = 0;
  let given = 0;
  return weights.map((weight) => {
    share += (weight / sum) * total;
    const count = Math.round(share) - given;
    given += count;
    return count;
  });
}

/** Deals names so that after any number of deals each has had its share: the one that is owed most comes next. */
function dealer<Name extends PositiveStratum | NegativeStratum>(weights: Partial<Readonly<Record<Name, number>>>): () => Name {
  const entries = Object.entries(weights) as [Name, number][];
  const sum = entries.reduce((total, [, weight]) => total + weight, 0);
  const dealt = new Map<Name, number>();
  let count = 0;
  return () => {
    count++;
    const owed = ([name, weight]: [Name, number]): number => (weight / sum) * count - (dealt.get(name) ?? 0);
    const [name] = entries.reduce((best, entry) => (owed(entry) > owed(best) + 1e-9 ? entry : best));
    dealt.set(name, (dealt.get(name) ?? 0) + 1);
    return name;
  };
}
