// Layers named by a person: whole names, or beginnings that end in a star ("conv1", "conv*"). Errors suggest layers.

/** Whether one of the patterns names the layer. */
export const namesLayer = (patterns: readonly string[], layer: string): boolean => patterns.some((pattern) => fits(pattern, layer));

const fits = (pattern: string, layer: string): boolean =>
  pattern.endsWith("*") ? layer.startsWith(pattern.slice(0, -1)) : pattern === layer;

/** Throws an Error that names every pattern without a layer, and the layers that may be meant. `purpose`: "freeze". */
export function expectLayers(patterns: readonly string[], layers: readonly string[], purpose: string): void {
  const unknown = patterns.filter((pattern) => !layers.some((layer) => fits(pattern, layer)));
  if (unknown.length === 0) return;
  const told = unknown.map((pattern) => {
    const meant = likely(pattern, layers);
    return `"${pattern}" (did you mean ${meant.join(" or ")}?)`;
  });
  throw new Error(
    `cannot ${purpose} ${told.join(", ")}: the network has no such layer. A pattern may end with a star: "conv*". Its layers: ${layers.join(", ")}`,
  );
}

/** The modules that a pattern is the name of, as a pattern; else the two layers that fewest typing mistakes away. */
function likely(pattern: string, layers: readonly string[]): string[] {
  const word = pattern.replace(/\*$/, "").toLowerCase();
  if (word !== "" && layers.some((layer) => layer.startsWith(`${word}/`))) return [`${word}/*`];
  const distances = layers.map((layer) => ({ layer, distance: mistakes(word, layer.toLowerCase()) }));
  return distances
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 2)
    .map(({ layer }) => layer);
}

/** Insertions, deletions and replacements between two words (Levenshtein 1966), row by row. */
function mistakes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
  }
  return row[b.length];
}
