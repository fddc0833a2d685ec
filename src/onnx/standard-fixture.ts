// ONNX's operators as its text defines them (https://onnx.ai/onnx/operators), loop by loop in its own order of axes: what imported graphs are
// compared with. Nothing of the importer or of the project's ops is used.
export interface Nd {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Every index of a shape, last axis fastest. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    const index: number[] = [];
    for (let axis = shape.length - 1, rest = i; axis >= 0; rest = Math.floor(rest / shape[axis]), axis--) index.unshift(rest % shape[axis]);
    yield index;
  }
}

const at = ({ shape, data }: Nd, index: readonly number[]): number => data[index.reduce((offset, i, axis) => offset * shape[axis] + i, 0)];
const fill = (shape: readonly number[], value: (index: readonly number[]) => number): Nd => ({
  shape,
  data: [...indices(shape)].map(value),
});

export const map = (x: Nd, f: (value: number) => number): Nd => ({ shape: x.shape, data: x.data.map(f) });

/** Numpy's broadcasting. */
export function broadcast(a: Nd, b: Nd, f: (a: number, b: number) => number): Nd {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = ({ shape, data }: Nd): Nd => ({ shape: [...Array.from({ length: rank - shape.length }, () => 1), ...shape], data });
  const [one, two] = [padded(a), padded(b)];
  const shape = one.shape.map((extent, axis) => Math.max(extent, two.shape[axis]));
  const within = (nd: Nd, index: readonly number[]): number[] => index.map((i, axis) => (nd.shape[axis] === 1 ? 0 : i));
  return fill(shape, (index) => f(at(one, within(one, index)), at(two, within(two, index))));
}

export interface WindowsSaid {
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
  readonly dilations?: readonly [number, number];
  readonly ceil?: boolean;
  readonly auto?: "SAME_UPPER" | "SAME_LOWER" | "VALID";
}

interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly out: readonly number[];
}

function windowsOver(
  extents: readonly number[],
  { kernel, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], ceil, auto }: WindowsSaid,
): Windows {
  const begin = [pads[0], pads[1]];
  const end = [pads[2], pads[3]];
  const out = extents.map((extent, axis) => {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
      const count = Math.ceil(extent / strides[axis]);
      const total = Math.max((count - 1) * strides[axis] + reach - extent, 0);
      const [small, large] = [Math.floor(total / 2), Math.ceil(total / 2)];
      begin[axis] = auto === "SAME_UPPER" ? small : large;
      end[axis] = auto === "SAME_UPPER" ? large : small;
      return count;
    }
    const steps = (extent + begin[axis] + end[axis] - reach) / strides[axis];
    let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window may begin in the image or in the padding before it, not behind.
    if (ceil && (count - 1) * strides[axis] >= extent + begin[axis]) count--;
    return count;
  });
  return { kernel, strides, dilations, begin, end, out };
}

/** Places of a window's taps: in the image, or null where they lie outside; `beyond` those outside the padding too. */
function* taps(
  windows: Windows,
  extents: readonly number[],
  window: readonly number[],
): Generator<{ place: number[] | null; tap: number[]; beyond: boolean }> {
  for (const tap of indices(windows.kernel)) {
    const place = tap.map((t, axis) => window[axis] * windows.strides[axis] - windows.begin[axis] + t * windows.dilations[axis]);
    const inside = place.every((p, axis) => p >= 0 && p < extents[axis]);
    const beyond = place.some((p, axis) => p >= extents[axis] + windows.end[axis]);
    yield { place: inside ? place : null, tap, beyond };
  }
}

export function conv(x: Nd, w: Nd, b: Nd | null, groups: number, said: WindowsSaid): Nd {
  const [n, , ...extents] = x.shape;
  const [m, each] = w.shape;
  const windows = windowsOver(extents, said);
  return fill([n, m, ...windows.out], ([image, output, ...window]) => {
    let sum = b ? b.data[output] : 0;
    const first = Math.floor(output / (m / groups)) * each;
    for (const { place, tap } of taps(windows, extents, window))
      if (place) for (let c = 0; c < each; c++) sum += at(x, [image, first + c, ...place]) * at(w, [output, c, ...tap]);
    return sum;
  });
}

export function maxPool(x: Nd, said: WindowsSaid): Nd {
  const [n, c, ...extents] = x.shape;
  const windows = windowsOver(extents, said);
  return fill([n, c, ...windows.out], ([image, channel, ...window]) =>
    Math.max(...[...taps(windows, extents, window)].flatMap(({ place }) => (place ? [at(x, [image, channel, ...place])] : []))),
  );
}

export function averagePool(x: Nd, said: WindowsSaid, countPad: boolean): Nd {
  const [n, c, ...extents] = x.shape;
  const windows = windowsOver(extents, said);
  return fill([n, c, ...windows.out], ([image, channel, ...window]) => {
    const all = [...taps(windows, extents, window)];
    const sum = all.reduce((total, { place }) => total + (place ? at(x, [image, channel, ...place]) : 0), 0);
    return sum / all.filter(({ place, beyond }) => (countPad ? !beyond : place !== null)).length;
  });
}

export function lrn(x: Nd, size: number, alpha: number, beta: number, bias: number): Nd {
  const channels = x.shape[1];
  return fill(x.shape, ([n, c, ...rest]) => {
    let sum = 0;
    for (let k = Math.max(0, c - Math.floor((size - 1) / 2)); k <= Math.min(channels - 1, c + Math.ceil((size - 1) / 2)); k++)
      sum += at(x, [n, k, ...rest]) ** 2;
    return at(x, [n, c, ...rest]) / (bias + (alpha / size) * sum) ** beta;
  });
}

export function batchNorm(x: Nd, scale: Nd, b: Nd, mean: Nd, variance: Nd, epsilon: number): Nd {
  return fill(x.shape, (index) => {
    const c = index[1];
    return ((at(x, index) - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon)) * scale.data[c] + b.data[c];
  });
}

/** a b, of two matrices. */
export const matMul = (a: Nd, b: Nd): Nd =>
  fill([...a.shape.slice(0, -1), b.shape[1]], (index) => {
    const [row, column] = [index.slice(0, -1), index.at(-1) as number];
    let sum = 0;
    for (let k = 0; k < b.shape[0]; k++) sum += at(a, [...row, k]) * at(b, [k, column]);
    return sum;
  });

export const transpose = (x: Nd, perm: readonly number[]): Nd =>
  fill(
    perm.map((axis) => x.shape[axis]),
    (index) =>
      at(
        x,
        x.shape.map((_, axis) => index[perm.indexOf(axis)]),
      ),
  );

export const reshape = (x: Nd, shape: readonly number[]): Nd => ({ shape, data: x.data });

export function concat(parts: readonly Nd[], axis: number): Nd {
  const extent = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  return fill(parts[0].shape.with(axis, extent), (index) => {
    let place = index[axis];
    for (const part of parts) {
      if (place < part.shape[axis]) return at(part, index.with(axis, place));
      place -= part.shape[axis];
    }
    return Number.NaN;
  });
}

/** x[first, first + step, ...], `count` of them, along an axis. */
export const slice = (x: Nd, axis: number, first: number, count: number): Nd =>
  fill(x.shape.with(axis, count), (index) => at(x, index.with(axis, first + index[axis])));

export const gather = (x: Nd, axis: number, wanted: readonly number[]): Nd =>
  fill(x.shape.with(axis, wanted.length), (index) => at(x, index.with(axis, wanted[index[axis]])));

export function pad(x: Nd, before: readonly number[], after: readonly number[], value: number): Nd {
  return fill(
    x.shape.map((extent, axis) => extent + before[axis] + after[axis]),
    (index) => {
      const place = index.map((i, axis) => i - before[axis]);
      return place.every((p, axis) => p >= 0 && p < x.shape[axis]) ? at(x, place) : value;
    },
  );
}

/** The mean or the sum over axes, which stay with extent 1. */
export function reduce(x: Nd, axes: readonly number[], mean: boolean): Nd {
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const over = axes.map((axis) => x.shape[axis]);
  return fill(shape, (index) => {
    let sum = 0;
    for (const places of indices(over))
      sum += at(
        x,
        index.map((i, axis) => (axes.includes(axis) ? places[axes.indexOf(axis)] : i)),
      );
    return mean ? sum / sizeOf(over) : sum;
  });
}

/** Softmax over the axes from `first` to before `end`, together. */
export function softmax(x: Nd, first: number, end: number, log = false): Nd {
  const axes = x.shape.map((_, axis) => axis).slice(first, end);
  const top = fill(x.shape, (index) => {
    let most = -Infinity;
    for (const places of indices(axes.map((axis) => x.shape[axis])))
      most = Math.max(
        most,
        at(
          x,
          index.map((i, axis) => (axes.includes(axis) ? places[axis - first] : i)),
        ),
      );
    return most;
  });
  const powers = fill(x.shape, (index) => Math.exp(at(x, index) - at(top, index)));
  const sums = reduce(powers, axes, false);
  return fill(x.shape, (index) => {
    const sum = at(
      sums,
      index.map((i, axis) => (axes.includes(axis) ? 0 : i)),
    );
    return log ? at(x, index) - at(top, index) - Math.log(sum) : at(powers, index) / sum;
  });
}
