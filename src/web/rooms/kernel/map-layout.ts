// Where the elements of a tensor lie on a flat map: tiles of rows and columns, beside and below each other.

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** Column and row of an element on the map. */
  place(index: number): readonly [x: number, y: number];
  /** The element there; null between tiles. */
  elementAt(x: number, y: number): number | null;
  /** An element in words: "channel 3, row 2, column 5". */
  words(index: number): string;
}

/** What the axes of a tensor are called, by their number, and which of them are a tile's rows and columns. */
const AXES: Readonly<Record<number, { readonly names: readonly string[]; readonly rows: number; readonly columns: number }>> = {
  3: { names: ["row", "column", "channel"], rows: 0, columns: 1 },
  4: { names: ["picture", "row", "column", "channel"], rows: 1, columns: 2 },
  5: { names: ["group", "tap row", "tap column", "input", "output"], rows: 3, columns: 4 },
};

/** Wider than high, as a screen is. */
const ASPECT = 1.6;

export function mapLayout(shape: readonly number[]): MapLayout {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const axes = AXES[shape.length];
  if (!axes || shape[axes.rows] * shape[axes.columns] === 1) return folded(shape, size);
  const { names, rows, columns } = axes;
  const [tileRows, tileColumns] = [shape[rows], shape[columns]];
  const outer = names.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== columns);
  const tiles = size / tileRows / tileColumns;
  const across = Math.max(1, Math.min(tiles, Math.round(Math.sqrt((tiles * ASPECT * tileRows) / tileColumns))));
  const strides = stridesOf(shape);
  const positionOf = (index: number): number[] => shape.map((extent, axis) => Math.floor(index / strides[axis]) % extent);
  return {
    width: across * (tileColumns + 1) - 1,
    height: Math.ceil(tiles / across) * (tileRows + 1) - 1,
    place(index) {
      const position = positionOf(index);
      const tile = outer.reduce((number, axis) => number * shape[axis] + position[axis], 0);
      return [(tile % across) * (tileColumns + 1) + position[columns], Math.floor(tile / across) * (tileRows + 1) + position[rows]];
    },
    elementAt(x, y) {
      const [column, row] = [x % (tileColumns + 1), y % (tileRows + 1)];
      let tile = Math.floor(y / (tileRows + 1)) * across + Math.floor(x / (tileColumns + 1));
      if (column >= tileColumns || row >= tileRows || tile >= tiles || x >= across * (tileColumns + 1)) return null;
      let index = column * strides[columns] + row * strides[rows];
      for (const axis of outer.toReversed()) {
        index += (tile % shape[axis]) * strides[axis];
        tile = Math.floor(tile / shape[axis]);
      }
      return index;
    },
    words(index) {
      const position = positionOf(index);
      return names
        .flatMap((name, axis) => (shape[axis] === 1 && axis !== rows && axis !== columns ? [] : [`${name} ${position[axis]}`]))
        .join(", ");
    },
  };
}

/** A list as lines. */
function folded(shape: readonly number[], size: number): MapLayout {
  const width = Math.max(1, Math.ceil(Math.sqrt(size * ASPECT * 2)));
  const last = shape[shape.length - 1] ?? 1;
  return {
    width,
    height: Math.ceil(size / width),
    place: (index) => [index % width, Math.floor(index / width)],
    elementAt: (x, y) => (x < width && y * width + x < size ? y * width + x : null),
    words: (index) => (size === last ? `element ${index}` : `row ${Math.floor(index / last)}, element ${index % last}`),
  };
}

/** Elements from one step along an axis to the next. */
function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const extent of shape.toReversed()) {
    strides.unshift(stride);
    stride *= extent;
  }
  return strides;
}
