// A rectifier in an epilogue, as shaders/lib/rectified.wgsl knows it.
import type { Rectifier } from "../ops/rectifier.ts";

export const rectifierDims = ({ relu, most }: Rectifier): { relu: number; most: number } => ({
  relu: relu ? (most === undefined ? 1 : 2) : 0,
  most: most ?? 0,
});
