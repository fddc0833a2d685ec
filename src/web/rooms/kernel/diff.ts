// What differs between two texts, line by line: a longest common subsequence of their lines.

/** A line of both texts, of the first alone, or of the second alone. */
export interface DiffLine {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** More cells than these are not compared line by line: what lies between the common beginning and end is all gone, and all new. */
const MOST_CELLS = 4e6;

/** The lines of both, in order. */
export function diff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let first = 0;
  while (first < a.length && first < b.length && a[first] === b[first]) first++;
  let last = 0;
  while (last < a.length - first && last < b.length - first && a[a.length - 1 - last] === b[b.length - 1 - last]) last++;
  const all = (kind: DiffLine["kind"], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind, text }));
  return [
    ...all("same", a.slice(0, first)),
    ...middle(a.slice(first, a.length - last), b.slice(first, b.length - last)),
    ...all("same", a.slice(a.length - last)),
  ];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const width = b.length + 1;
  const tooMany = (a.length + 1) * width > MOST_CELLS;
  // Lines in common from here on.
  const common = new Uint32Array(tooMany ? 0 : (a.length + 1) * width);
  if (!tooMany)
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        common[i * width + j] =
          a[i] === b[j] ? common[(i + 1) * width + j + 1] + 1 : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (!tooMany && i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i++] });
      j++;
    } else if (i < a.length && (tooMany || j === b.length || common[(i + 1) * width + j] >= common[i * width + j + 1]))
      lines.push({ kind: "gone", text: a[i++] });
    else lines.push({ kind: "new", text: b[j++] });
  }
  return lines;
}

/** The changes, each with a few lines around it; those that lie close together in one piece. */
export function hunksOf(lines: readonly DiffLine[], around = 2): DiffLine[][] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - around), i + around + 1).some(({ kind }) => kind !== "same"));
  const hunks: DiffLine[][] = [];
  for (const [i, line] of lines.entries()) {
    if (!near[i]) continue;
    if (!near[i - 1]) hunks.push([]);
    hunks[hunks.length - 1].push(line);
  }
  return hunks;
}
