// Tensors larger than a binding may be: the same launch over one part of them after another.
import { BYTES_PER_ELEMENT, roundUp } from "../tensor/shape.ts";
import type { Launch, Target } from "./kernel.ts";

/**
 * Launches over `items` equal items (images, rows, elements). `perItem` gives for each tensor that is cut the elements of one item;
 * `launch` gets the first item and the number of items, and gives its variables the matching windows.
 */
export function overItems(
  items: number,
  perItem: Readonly<Record<string, number>>,
  { maxBindingBytes, offsetAlignment }: Target,
  launch: (first: number, count: number) => Launch,
): Launch[] {
  const bytes = Object.values(perItem).map((elements) => elements * BYTES_PER_ELEMENT);
  const largest = Math.max(...bytes);
  let step = items;
  if (largest * items > maxBindingBytes) {
    // A window starts where the adapter lets a binding start, in every tensor at once.
    const stride = bytes.reduce((all, size) => leastCommonMultiple(all, offsetAlignment / greatestCommonDivisor(size, offsetAlignment)), 1);
    step = Math.floor(maxBindingBytes / largest / stride) * stride;
    if (step === 0) {
      throw new Error(
        `a tensor of ${largest * items} bytes must be cut into windows of at most ${maxBindingBytes} bytes (what this adapter binds at once), ` +
          `but ${stride} items of ${largest} bytes do not fit into one: use a smaller batch or input`,
      );
    }
  }
  const launches: Launch[] = [];
  for (let first = 0; first < items; first += step) {
    const count = Math.min(step, items - first);
    const made = launch(first, count);
    const windows = Object.fromEntries(
      Object.entries(perItem).map(([name, elements]) => [name, { first: first * elements, count: count * elements }]),
    );
    launches.push(step === items ? made : { ...made, windows });
  }
  return launches;
}

/** Launches over the elements of tensors of one shape, `vector` elements an item; a last partial item reaches into padding. */
export const overElements = (
  size: number,
  vector: number,
  names: readonly string[],
  target: Target,
  launch: (first: number, count: number) => Launch,
): Launch[] => overItems(roundUp(size, vector) / vector, Object.fromEntries(names.map((name) => [name, vector])), target, launch);

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;
