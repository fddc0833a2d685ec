// Interlaced PNG of 1, 2 and 4 bits per sample, which fast-png does not read: the seven passes (PNG 8.2) put together as rows without interlacing.

/** Where each pass begins, across and down, and how it steps. */
export const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits per pixel: 1, 2 or 4. */
  readonly depth: number;
}

/** The rows of the picture, packed as the passes are, without filter bytes. `inflated` has as many bytes as the passes take. */
export function deinterlace(inflated: Uint8Array, { width, height, depth }: Header): Uint8Array {
  const line = Math.ceil((width * depth) / 8);
  const rows = new Uint8Array(line * height);
  const mask = 2 ** depth - 1;
  const shiftOf = (x: number): number => 8 - depth - ((x * depth) & 7);
  let at = 0;
  for (const [left, top, across, down] of PASSES) {
    const columns = Math.ceil((width - left) / across);
    if (columns <= 0) continue;
    let before = new Uint8Array(Math.ceil((columns * depth) / 8));
    for (let y = top; y < height; y += down) {
      const own = unfiltered(inflated[at], inflated.subarray(at + 1, at + 1 + before.length), before);
      for (let i = 0; i < columns; i++) {
        const x = left + i * across;
        const sample = (own[(i * depth) >> 3] >> shiftOf(i)) & mask;
        rows[y * line + ((x * depth) >> 3)] |= sample << shiftOf(x);
      }
      at += 1 + before.length;
      before = own;
    }
  }
  return rows;
}

/** A row without its filter (PNG 9.2); pixels are smaller than a byte, so the byte to the left is the last one. */
function unfiltered(filter: number, row: Uint8Array, above: Uint8Array): Uint8Array<ArrayBuffer> {
  if (filter > 4) throw new Error(`its filter ${filter} does not exist`);
  const result = new Uint8Array(row.length);
  for (let i = 0; i < row.length; i++) {
    const left = i > 0 ? result[i - 1] : 0;
    const corner = i > 0 ? above[i - 1] : 0;
    const guess = [0, left, above[i], (left + above[i]) >> 1, paeth(left, above[i], corner)][filter];
    result[i] = row[i] + guess;
  }
  return result;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(guess - value));
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
