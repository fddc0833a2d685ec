// Whether a dataset's splits are apart: by the pixels of their cases and by the patients that DICOM files name, whatever the list says. All cases
// are compared, those of an unopened test set too: of them nothing is known here but names of pixels, from which nothing can be scored.
import type { CaseFiles } from "./case-files.ts";
import type { Manifest, Split } from "./manifest.ts";

/** What identifies a case without showing it. */
export interface Fingerprint {
  /** Names of its pixels (pixelHash), each once. */
  readonly pixels: readonly string[];
  /** Numbers that stand for the Patient IDs in its files: equal where those are, and only there. */
  readonly people: readonly number[];
}

/** Fingerprints of a whole dataset. A later opening that gets them need not read the splits that it does not open. */
export interface Fingerprints {
  readonly manifestHash: string;
  /** In the manifest's order. */
  readonly cases: readonly Fingerprint[];
}

/** From what was read of each case, in the manifest's order. */
export function fingerprints({ hash }: Manifest, read: readonly Pick<CaseFiles, "pixels" | "patientKeys">[]): Fingerprints {
  const numbers = new Map<string, number>();
  const numberOf = (key: string): number => {
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return numbers.get(key) as number;
  };
  return { manifestHash: hash, cases: read.map(({ pixels, patientKeys }) => ({ pixels, people: patientKeys.map(numberOf) })) };
}

export interface Conflict {
  /** Index of the case reported, the later of two. */
  readonly case: number;
  /** Index of the other; its own where the conflict lies inside. */
  readonly with: number;
  readonly kind: "pixels" | "one patient" | "two patients";
  /** Names file and lines. */
  readonly message: string;
}

/**
 * Every case whose pixels or whose patient stand in another split, and every patient of the list under whom the files hold two. The same image
 * twice in one split is not a conflict. Ordered by case, each with the first other one.
 */
export function conflicts(manifest: Manifest, splits: readonly Split[], { cases: prints }: Fingerprints): Conflict[] {
  const found = [...copies(manifest, splits, prints), ...patients(manifest, splits, prints)];
  return found.sort((a, b) => a.case - b.case);
}

function* copies({ file, cases }: Manifest, splits: readonly Split[], prints: readonly Fingerprint[]): Generator<Conflict> {
  const first = new Map<string, number>();
  for (const [index, { pixels }] of prints.entries()) {
    const shared = pixels.filter((hash) => splits[first.get(hash) ?? index] !== splits[index]);
    if (shared.length > 0) {
      const other = first.get(shared[0]) as number;
      const what = `${shared.length} of its ${pixels.length} images ${shared.length === 1 ? "has" : "have"} the same pixels as`;
      const message = `${file} line ${cases[index].line}: ${what} ${elsewhere(cases, splits, other, index)}; remove one of the two lines`;
      yield { case: index, with: other, kind: "pixels", message };
    }
    for (const hash of pixels) if (!first.has(hash)) first.set(hash, index);
  }
}

function* patients(manifest: Manifest, splits: readonly Split[], prints: readonly Fingerprint[]): Generator<Conflict> {
  const { file, cases, namesPatients } = manifest;
  const placeholders = placeholdersAmong(manifest, prints);
  const lineOf = new Map<number, number>();
  const personOf = new Map<string, { readonly index: number; readonly person: number }>();
  for (const [index, { people }] of prints.entries()) {
    const { line, patient } = cases[index];
    const known = people.filter((person) => !placeholders.has(person));
    if (known.length > 1) {
      const message = `${file} line ${line}: two patients in one case: its files have ${known.length} Patient IDs; give each its own line and folder`;
      yield { case: index, with: index, kind: "two patients", message };
    }
    for (const person of known) {
      const other = lineOf.get(person) ?? index;
      lineOf.set(person, other);
      if (splits[other] !== splits[index]) {
        const remedy = namesPatients ? "one patient" : "one patient, in a column of that name";
        const message = `${file} line ${line}: its files have the same Patient ID as those of ${elsewhere(cases, splits, other, index)}; give both lines ${remedy}`;
        yield { case: index, with: other, kind: "one patient", message };
      }
      const before = personOf.get(patient) ?? { index, person };
      personOf.set(patient, before);
      if (before.person !== person && before.index !== index) {
        const message = `${file} line ${line}: two patients with one id: its files have a different Patient ID from those of line ${cases[before.index].line}; correct the patient column`;
        yield { case: index, with: before.index, kind: "two patients", message };
      }
    }
  }
}

const elsewhere = (cases: Manifest["cases"], splits: readonly Split[], other: number, index: number): string =>
  `line ${cases[other].line}, which is in another split (${splits[other]} and ${splits[index]})`;

/** People who stand for more than half of the list's patients: an ID that an anonymiser wrote everywhere distinguishes no patients. */
function placeholdersAmong({ cases }: Manifest, prints: readonly Fingerprint[]): ReadonlySet<number> {
  const patients = new Map<number, Set<string>>();
  prints.forEach(({ people }, index) => {
    for (const person of people) patients.set(person, (patients.get(person) ?? new Set()).add(cases[index].patient));
  });
  const all = new Set(cases.map(({ patient }) => patient)).size;
  return new Set([...patients].filter(([, own]) => own.size > Math.max(2, all / 2)).map(([person]) => person));
}

/** Throws the first conflict. */
export function refuseConflicts(manifest: Manifest, splits: readonly Split[], prints: Fingerprints): void {
  const [first, ...others] = conflicts(manifest, splits, prints);
  if (first) throw new Error(`${first.message}${others.length > 0 ? ` (and ${others.length} more: see npx striatum dataset check)` : ""}`);
}
