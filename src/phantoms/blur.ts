// Gaussian blur of square pictures, in place: what a scanner's optics do, and what shapes its noise.

/** Gaussian blur of a square picture, in place; edges are extended. */
export function blur(image: Float32Array, size: number, sigma: number): void {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  convolve(image, size, gaussian(sigma, radius), (i) => Math.min(size - 1, Math.max(0, i)));
}

/** The same for a tile that repeats; its side is a power of two. */
export function blurPeriodic(tile: Float32Array, size: number, sigma: number): void {
  const radius = Math.max(1, Math.ceil(3.5 * sigma));
  convolve(tile, size, gaussian(sigma, radius), (i) => i & (size - 1));
}

const scratches = new Map<number, Float32Array>();

/** Room for one picture of a size, kept: a cohort would else allocate gigabytes of copies. */
function scratch(length: number): Float32Array {
  const kept = scratches.get(length) ?? new Float32Array(length);
  scratches.set(length, kept);
  return kept;
}

/** Symmetric separable convolution in place; `wrap` says which line stands for one outside. */
function convolve(image: Float32Array, size: number, kernel: Float64Array, wrap: (line: number) => number): void {
  const radius = kernel.length >> 1;
  const line = new Float32Array(size + 2 * radius);
  const outside = Int32Array.from({ length: size + 2 * radius }, (_, i) => wrap(i - radius));
  const source = scratch(image.length);
  const lines: Lines = { target: image, to: 0, size, source };
  for (let row = 0; row < size; row++) {
    lines.to = row * size;
    for (let i = 0; i < line.length; i++) line[i] = image[lines.to + outside[i]];
    convolveLine(line, kernel, lines);
  }
  // Down the columns by whole rows, which memory likes.
  source.set(image);
  for (let row = 0; row < size; row++) {
    lines.to = row * size;
    weigh(lines, kernel[radius]);
    for (let k = 0; k < radius; k++) addWeighed(lines, outside[row + k] * size, outside[row + 2 * radius - k] * size, kernel[k]);
  }
}

/** A line that is made of others. */
interface Lines {
  readonly target: Float32Array;
  /** Where it starts. */
  to: number;
  readonly size: number;
  readonly source: Float32Array;
}

function convolveLine(line: Float32Array, kernel: Float64Array, { target, to, size }: Lines): void {
  const radius = kernel.length >> 1;
  for (let column = 0; column < size; column++) {
    let sum = kernel[radius] * line[column + radius];
    for (let k = 0; k < radius; k++) sum += kernel[k] * (line[column + k] + line[column + 2 * radius - k]);
    target[to + column] = sum;
  }
}

function weigh({ target, to, size, source }: Lines, weight: number): void {
  for (let column = 0; column < size; column++) target[to + column] = weight * source[to + column];
}

function addWeighed({ target, to, size, source }: Lines, above: number, below: number, weight: number): void {
  for (let column = 0; column < size; column++) target[to + column] += weight * (source[above + column] + source[below + column]);
}

function gaussian(sigma: number, radius: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((value) => value / sum);
}
