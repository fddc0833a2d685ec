// The outline of a region as line segments, between pixels that hold it and pixels that do not (marching squares; Lorensen and Cline 1987 in two
// dimensions). Segments are not strung together: a drawing needs no more.

/** Ends of segments, [x1, y1, x2, y2, ...], in pixels from the left and the top edge of the picture. */
export type Outline = readonly number[];

const LEVEL = 0.5;

/** Where shares [height, width] pass one half; what lies beyond the edge holds nothing. */
export function outlineOf(shares: ArrayLike<number>, width: number, height: number): Outline {
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width || y >= height ? 0 : shares[y * width + x]);
  const segments: number[] = [];
  for (let y = -1; y < height; y++)
    for (let x = -1; x < width; x++) {
      const corners = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
      const crossings: [number, number][] = [];
      for (let side = 0; side < 4; side++) {
        const [from, to] = [corners[side], corners[(side + 1) % 4]];
        if (from >= LEVEL === to >= LEVEL) continue;
        const part = (LEVEL - from) / (to - from);
        const [x1, y1] = CORNERS[side];
        const [x2, y2] = CORNERS[(side + 1) % 4];
        // Centres of pixels lie at half integers.
        crossings.push([x + 0.5 + x1 + part * (x2 - x1), y + 0.5 + y1 + part * (y2 - y1)]);
      }
      for (let i = 0; i + 1 < crossings.length; i += 2) segments.push(...crossings[i], ...crossings[i + 1]);
    }
  return segments;
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;

/** How one picture lies on another: x' = (x - left) scaleX, y' = (y - top) scaleY. */
export interface Placing {
  readonly left: number;
  readonly top: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

export const placed = ({ left, top, scaleX, scaleY }: Placing, x: number, y: number): readonly [x: number, y: number] => [
  (x - left) * scaleX,
  (y - top) * scaleY,
];

/** The outline on the other picture, to a hundredth of a pixel. */
export const placedOutline = (placing: Placing, outline: Outline): Outline =>
  Array.from({ length: outline.length / 2 }, (_, i) => placed(placing, outline[2 * i], outline[2 * i + 1]))
    .flat()
    .map((value) => Math.round(100 * value) / 100);
