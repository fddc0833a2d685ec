// Whether a list's usable cases suffice: to train a network, and to judge it in a study. `dataset check`, `train` and `study` ask here, so that what
// one calls usable the others run.
import { BELOW_VERTEX } from "../dicom/basal-ganglia.ts";
import type { Manifest, Split } from "./manifest.ts";

export const PURPOSES = ["train", "study"] as const;
/** train: at least two classes to learn from. study: validation cases too, and enough held-out cases of both kinds for a variance. */
export type Purpose = (typeof PURPOSES)[number];

/** Held-out cases with and without a finding: DeLong's variance needs two of each. */
const HELD_OUT = 2;

export interface CountedCase {
  readonly line: number;
  readonly label: string;
  readonly split: Split;
  /** Whether it has images. An excluded case has none. */
  readonly usable: boolean;
  /** Why it has none, where that is known. */
  readonly reason: string | null;
}

interface Cohort {
  readonly file: string;
  readonly cases: readonly CountedCase[];
  /** The list has no split column. */
  readonly drawn: boolean;
}

/** The cohort of a list, of which some cases are usable; of others the reason may be known why not. */
export const cohortFrom = (
  { file, cases }: Manifest,
  splits: readonly Split[],
  look: (index: number) => Pick<CountedCase, "usable" | "reason">,
): Cohort => ({
  file,
  drawn: cases.some(({ split }) => split === null),
  cases: cases.map(({ line, label }, index) => ({ line, label, split: splits[index], ...look(index) })),
});

/** What is missing for a purpose, a sentence per part of the split, with what to do; empty where nothing is. */
export function lacksOf(cohort: Cohort, purpose: Purpose): string[] {
  const training = trainingLack(cohort);
  if (purpose === "train") return training;
  const held = lacking(cohort, "test", HELD_OUT);
  const unvalidated = !usableIn(cohort, "val").length;
  return [
    ...training,
    ...(unvalidated
      ? [sentence(cohort, "val", "no usable case; a study chooses thresholds on validation cases", marking(cohort, "val"))]
      : []),
    ...(held.length > 0
      ? [
          sentence(
            cohort,
            "test",
            `${KINDS.map((kind) => `${counted(ofKind(cohort, "test", kind).length, "usable case")} ${kind.name}`).join(" and ")}; a study needs ${HELD_OUT} of each`,
            held.map(({ kind, missing }) => marking(cohort, "test", { kind, missing })).join("; "),
          ),
        ]
      : []),
  ];
}

/** Throws where something is missing. */
export function refuseLacks(lacks: readonly string[]): void {
  if (lacks.length > 0) throw new Error(lacks.join("\n"));
}

interface Kind {
  readonly name: string;
  readonly has: (label: string) => boolean;
}

const KINDS: readonly [Kind, Kind] = [
  { name: 'of "none"', has: (label) => label === "none" },
  { name: "with a finding", has: (label) => label !== "none" },
];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const usableIn = ({ cases }: Cohort, split: Split): readonly CountedCase[] => cases.filter((item) => item.split === split && item.usable);

const ofKind = (cohort: Cohort, split: Split, kind: Kind): readonly CountedCase[] =>
  usableIn(cohort, split).filter(({ label }) => kind.has(label));

function trainingLack(cohort: Cohort): string[] {
  const own = usableIn(cohort, "train");
  const labels = [...new Set(own.map(({ label }) => label))];
  if (labels.length > 1) return [];
  const found = own.length === 0 ? "no usable case" : `usable cases of "${labels[0]}" alone`;
  const other = cohort.cases.find((item) => item.usable && item.split !== "train" && item.label !== labels[0]);
  return [
    sentence(
      cohort,
      "train",
      `${found}; a network needs two classes to learn from`,
      marked(cohort, "train", other ? [other] : [], "cases of another class"),
    ),
  ];
}

const lacking = (cohort: Cohort, split: Split, least: number): { kind: Kind; missing: number }[] =>
  KINDS.flatMap((kind) => {
    const missing = least - ofKind(cohort, split, kind).length;
    return missing > 0 ? [{ kind, missing }] : [];
  });

/** Lines of the training part that could be moved: all but one of a kind. */
function marking(cohort: Cohort, split: Split, { kind, missing }: { kind?: Kind; missing: number } = { missing: 1 }): string {
  const spare = KINDS.flatMap((own) => (kind && kind !== own ? [] : ofKind(cohort, "train", own).slice(1)));
  return marked(cohort, split, spare.slice(0, missing), `${missing} more${kind ? ` ${kind.name}` : ""}`);
}

const marked = ({ drawn }: Cohort, split: Split, lines: readonly CountedCase[], what: string): string => {
  if (drawn || lines.length === 0) return `add ${what}`;
  const numbers = lines.map(({ line }) => line).join(" and ");
  return `add ${what}, or mark ${lines.length === 1 ? "line" : "lines"} ${numbers}, with all lines of the same patients, as "${split}"`;
};

function sentence({ file, cases, drawn }: Cohort, split: Split, found: string, remedy: string): string {
  const excluded = cases.filter((item) => item.split === split && !item.usable);
  const reasons = [...new Set(excluded.flatMap(({ reason }) => reason ?? []))];
  const slab = reasons.includes(BELOW_VERTEX)
    ? "; series that are slabs around the basal ganglia need --slab, or slab in a column coverage"
    : "";
  const own = drawn ? `; the split was drawn: 4 usable patients of each kind suffice, or a column "split" of your own` : "";
  return `${file}: the part "${split}" has ${found}${linesOf(excluded, reasons)}: ${remedy}${slab}${own}`;
}

function linesOf(excluded: readonly CountedCase[], reasons: readonly string[]): string {
  if (excluded.length === 0) return "";
  const lines = excluded.map(({ line }) => line);
  const why = reasons.length === 0 ? "" : `: ${reasons[0]}${reasons.length > 1 ? ", and other reasons" : ""}`;
  return ` (${lines.length === 1 ? "line" : "lines"} ${lines.slice(0, 5).join(", ")}${lines.length > 5 ? " and more" : ""} cannot be used${why})`;
}
