// Tensors larger than a binding may be: the same launch over one part of them after another.
import { BYTES_PER_ELEMENT, roundUp } from "../tensor/shape.ts";
import type { Launch, Target, Slice } from "./kernel.ts";

/** A run of items that fits into a binding, and where it lies in each tensor that is cut; nothing is cut where everything fits. */
export interface Part {
  readonly first: number;
  readonly count: number;
  readonly slices?: Readonly<Record<string, Slice>>;
}

/** Cuts `items` equal items (images, rows, elements) into parts. `perItem` gives for each tensor that is cut the elements of one item. */
export function partsOf(
  items: number,
  perItem: Readonly<Record<string, number>>,
  { maxBindingBytes, offsetAlignment }: Pick<Target, "maxBindingBytes" | "offsetAlignment">,
): Part[] {
  const bytes = Object.values(perItem).map((elements) => elements * BYTES_PER_ELEMENT);
  const largest = Math.max(...bytes);
  let step = items;
  if (largest * items > maxBindingBytes) {
    // A slice starts where the adapter lets a binding start, in every tensor at once.
    const stride = bytes.reduce((all, size) => leastCommonMultiple(all, offsetAlignment / greatestCommonDivisor(size, offsetAlignment)), 1);
    step = Math.floor(maxBindingBytes / largest / stride) * stride;
    if (step === 0) {
      throw new Error(
        `a tensor of ${largest * items} bytes must be cut into slices of at most ${maxBindingBytes} bytes (what this adapter binds at once), ` +
          `but ${stride} items of ${largest} bytes do not fit into one: use a smaller batch or input`,
      );
    }
  }
  if (step === items) return [{ first: 0, count: items }];
  return Array.from({ length: Math.ceil(items / step) }, (_, part) => {
    const first = part * step;
    const count = Math.min(step, items - first);
    const slices = Object.entries(perItem).map(([name, elements]) => [name, { first: first * elements, count: count * elements }]);
    return { first, count, slices: Object.fromEntries(slices) as Record<string, Slice> };
  });
}

/** The launch, which sees the part's slices. */
export const within = ({ slices }: Part, launch: Launch): Launch => (slices ? { ...launch, slices } : launch);

/** One launch for each part of the items: `launch` gets the first item and the number of items. */
export const overItems = (
  items: number,
  perItem: Readonly<Record<string, number>>,
  target: Target,
  launch: (first: number, count: number) => Launch,
): Launch[] => partsOf(items, perItem, target).map((part) => within(part, launch(part.first, part.count)));

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
