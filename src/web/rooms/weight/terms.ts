// The gradient of one weight as the sum that it is: over the positions at which the weight was used, what came in times the gradient of what went out.

/** A map of one channel. */
export interface MapValues {
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
}

/** One product of the sum. */
export interface Term {
  /** Number of the picture. */
  readonly picture: number;
  /** Position in the output map, and in the input map. */
  readonly out: readonly [row: number, column: number];
  readonly in: readonly [row: number, column: number];
  readonly x: number;
  readonly dy: number;
  readonly product: number;
}

/** How a convolution lays its filter: what `attributes` of the layer say. */
export interface Laying {
  readonly stride: number;
  readonly pad: number;
}

/**
 * Terms of one picture for the weight at row `ky` and column `kx` of a filter. Where the filter lay over padding, x is 0 and there is no term. With no input map, as of a
 * bias, x is 1.
 */
export function termsOf(
  picture: number,
  { x, dy }: { readonly x: MapValues | null; readonly dy: MapValues },
  { ky, kx, stride, pad }: Laying & { readonly ky: number; readonly kx: number },
): Term[] {
  const terms: Term[] = [];
  for (let row = 0; row < dy.rows; row++)
    for (let column = 0; column < dy.columns; column++) {
      const [y, z] = [row * stride - pad + ky, column * stride - pad + kx];
      if (x && (y < 0 || z < 0 || y >= x.rows || z >= x.columns)) continue;
      const value = x ? x.data[y * x.columns + z] : 1;
      const gradient = dy.data[row * dy.columns + column];
      terms.push({ picture, out: [row, column], in: [y, z], x: value, dy: gradient, product: value * gradient });
    }
  return terms;
}

/** A sum with its largest terms. */
export interface Sum {
  readonly shown: readonly Term[];
  /** Terms that are not shown, and what they add up to. */
  readonly others: number;
  readonly rest: number;
  readonly sum: number;
  /** Sum of the absolute values of all terms. */
  readonly magnitude: number;
}

/** The largest terms, and what the others add up to. */
export function largest(terms: readonly Term[], count: number): Sum {
  const ordered = terms.toSorted((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const add = (of: readonly Term[]): number => of.reduce((sum, { product }) => sum + product, 0);
  return {
    shown: ordered.slice(0, count),
    others: Math.max(0, ordered.length - count),
    rest: add(ordered.slice(count)),
    sum: add(ordered),
    magnitude: ordered.reduce((sum, { product }) => sum + Math.abs(product), 0),
  };
}
