// Shapes and element types: pure values. A shape lists extents from the slowest to the fastest axis.

export type Shape = readonly number[];

/** Element type of a tensor. Both take 4 bytes. */
export type DType = "f32" | "u32";

export const BYTES_PER_ELEMENT = 4;

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** "[4, 27, 27, 96]" */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

export const roundUp = (a: number, multiple: number): number => Math.ceil(a / multiple) * multiple;
