// Huffman codes of lossless JPEG (ITU T.81 annexes C and K.2): tables for decoding, and near-optimal ones for encoding. Symbols are the
// numbers of bits of a difference, 0 to 16.

/** Numbers of codes of length 1 to 16, then the symbols in the order of their codes: what a DHT segment holds. */
export interface HuffmanTable {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

const CODE_BITS = 16;

/** For each 16 bits that may come next: length of the code that they start with, times 32, plus its symbol; 0 for none. */
export function decodingTable({ counts, symbols }: HuffmanTable): Uint16Array {
  const table = new Uint16Array(1 << CODE_BITS);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= CODE_BITS; length++) {
    const span = 1 << (CODE_BITS - length);
    for (let i = 0; i < counts[length - 1]; i++) {
      if (code + span > table.length) throw new Error("lossless JPEG: a Huffman table has more codes than fit: damaged?");
      table.fill(length * 32 + symbols[next++], code, code + span);
      code += span;
    }
  }
  return table;
}

/** Length and code of each symbol, for encoding. */
export function encodingTable({ counts, symbols }: HuffmanTable): { lengths: Uint8Array; codes: Uint16Array } {
  const lengths = new Uint8Array(17);
  const codes = new Uint16Array(17);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= CODE_BITS; length++, code <<= 1)
    for (let i = 0; i < counts[length - 1]; i++) {
      lengths[symbols[next]] = length;
      codes[symbols[next++]] = code++;
    }
  return { lengths, codes };
}

/**
 * A table for these frequencies. Rare symbols count as a thousandth of all, which keeps codes within 16 bits: a Huffman code is no longer
 * than the logarithm of 1/p to the base of the golden ratio. One symbol more is coded and then dropped, so that no code is all ones.
 */
export function huffmanTable(frequencies: Uint32Array): HuffmanTable {
  const floor = Math.ceil(frequencies.reduce((sum, each) => sum + each, 0) / 1000);
  const used = [...frequencies.keys()].filter((symbol) => frequencies[symbol] > 0);
  const lengths = new Map([...used, -1].map((symbol) => [symbol, 0]));
  let trees = used.map((symbol) => ({ weight: Math.max(frequencies[symbol], floor), leaves: [symbol] }));
  trees.push({ weight: 0, leaves: [-1] });
  while (trees.length > 1) {
    trees = trees.sort((a, b) => b.weight - a.weight);
    const [a, b] = trees.splice(-2);
    const leaves = [...a.leaves, ...b.leaves];
    for (const leaf of leaves) lengths.set(leaf, (lengths.get(leaf) ?? 0) + 1);
    trees.push({ weight: a.weight + b.weight, leaves });
  }
  const symbols = used.sort((a, b) => (lengths.get(a) ?? 0) - (lengths.get(b) ?? 0));
  const counts = new Uint8Array(CODE_BITS);
  for (const symbol of symbols) counts[(lengths.get(symbol) ?? 0) - 1]++;
  return { counts, symbols: Uint8Array.from(symbols) };
}
