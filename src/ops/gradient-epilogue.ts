// What the gradient of an activation may take along, so that no other op has to touch it again: the gradients that the activation gets from its
// other readers, and the ReLU that it comes from. Passes connect these ports; all arrays have dx's shape.
import type { Array64, Port, TensorType } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";

/** Optional ports of an op that makes dx: dx = (addend + what the op itself makes) where gate > 0, else 0. */
export interface EpiloguePorts {
  /** y of a ReLU: where it is 0, the gradient is (see reluBackward). */
  gate?: Port;
  /** A sum of gradients, which dx is written over. */
  addend?: Port;
}

/** For `inPlace`. */
export const DX_OVER_ADDEND = [["addend", "dx"]] as const;

/** Throws unless those that are there have dx's shape. */
export function requireEpilogue(
  op: string,
  label: string,
  { gate, addend }: { gate?: TensorType | undefined; addend?: TensorType | undefined },
  dx: TensorType,
): void {
  for (const [port, type] of Object.entries({ gate, addend })) {
    if (type && !sameShape(type.shape, dx.shape))
      throw new Error(`${op} "${label}": ${port} must be ${formatShape(dx.shape)} as dx is, got ${formatShape(type.shape)}`);
  }
}

/** dx with its epilogue. */
export const withEpilogue = (dx: Float64Array, { gate, addend }: { gate?: Array64; addend?: Array64 }): Float64Array =>
  dx.map((value, i) => (gate && gate.data[i] <= 0 ? 0 : value + (addend ? addend.data[i] : 0)));
