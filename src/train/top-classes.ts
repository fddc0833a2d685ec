// The likeliest classes of one picture.

/** The `count` classes with the highest probabilities, best first. */
export const topK = (p: readonly number[], labels: readonly string[], count: number): { index: number; label: string; p: number }[] =>
  p
    .map((value, index) => ({ index, label: labels[index], p: value }))
    .sort((a, b) => b.p - a.p || a.index - b.index)
    .slice(0, count);
