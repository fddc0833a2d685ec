// Cases with their probabilities, sorted and counted.

/** A scored case. */
export interface ScoredItem {
  /** Id of a picture, or number of a study's case. */
  readonly id: string;
  readonly label: number;
  readonly probabilities: readonly number[];
  /** Of the network beside it; null where there is none. */
  readonly second: readonly number[] | null;
}

/** Scored cases, and of what. */
export interface ScoredSet {
  /** What scored them. */
  readonly name: string;
  readonly labels: readonly string[];
  readonly items: readonly ScoredItem[];
  /** Whether the cases are a study's. */
  readonly isStudy: boolean;
}

export const SORTS = ["loss", "sure", "worst", "disagreement"] as const;
export type Sort = (typeof SORTS)[number];

/** Smallest positive normal float32: Caffe's floor under a logarithm. */
const SMALLEST = 2 ** -126;

/** -log of the label's probability. */
export const lossOf = ({ label, probabilities }: ScoredItem): number => -Math.log(Math.max(SMALLEST, probabilities[label]));

/** The likeliest class. */
export const saidOf = ({ probabilities }: Pick<ScoredItem, "probabilities">): number => probabilities.indexOf(Math.max(...probabilities));

/** Largest difference that the two networks' probabilities of one class have. */
export const disagreementOf = ({ probabilities, second }: ScoredItem): number =>
  second ? Math.max(...probabilities.map((p, i) => Math.abs(p - second[i]))) : 0;

const sureOf = (item: ScoredItem): number => Math.max(...item.probabilities);

/** The cases in an order; equal ones keep theirs. */
export function sorted(items: readonly ScoredItem[], sort: Sort): ScoredItem[] {
  const keys: Readonly<Record<Sort, (item: ScoredItem) => number>> = {
    loss: lossOf,
    sure: sureOf,
    worst: (item) => (saidOf(item) === item.label ? sureOf(item) - 2 : sureOf(item)),
    disagreement: disagreementOf,
  };
  return items.toSorted((a, b) => keys[sort](b) - keys[sort](a));
}

/** Counts of [label][said]. */
export function confusionOf(items: readonly ScoredItem[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const item of items) counts[item.label][saidOf(item)]++;
  return counts;
}

/** The list of doubtful cases as CSV. */
export function doubtfulList(items: readonly ScoredItem[], labels: readonly string[]): string {
  const rows = items.map(
    (item) => `${quoted(item.id)},${quoted(labels[item.label])},${quoted(labels[saidOf(item)])},${lossOf(item).toFixed(4)}`,
  );
  return `${["case,label,said,loss", ...rows].join("\n")}\n`;
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
