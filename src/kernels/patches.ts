// How patches are laid out and summed back. Device code: shaders/patches.wgsl, patches-backward.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/patches.ts";
import { kernel, type Call, type Lowering } from "./kernel.ts";
import { inVectors, overWindows, type Vector } from "./windows.ts";

type Forward = Call<{ x: TensorType }, { y: TensorType }, ops.PatchesAttributes>;
type Backward = Call<{ dy: TensorType }, { dx: TensorType }, ops.PatchesBackwardAttributes>;

export const patches = kernel(
  ops.patches,
  inVectors(
    ({ inputs: { x }, attributes: { groups } }: Forward) => x.shape[3] / groups,
    ({ inputs: { x }, outputs: { y }, attributes, target }: Forward, vector: Vector): Lowering => {
      const windowed = { shape: x.shape, windows: y.shape, attributes, ...groupsOf(x, attributes), vector } as const;
      return { launches: overWindows({ ...windowed, shader: "patches.wgsl", large: ["x"], small: ["y"], made: "small" }, target) };
    },
  ),
);

export const patchesBackward = kernel(
  ops.patchesBackward,
  inVectors(
    ({ outputs: { dx }, attributes: { groups } }: Backward) => dx.shape[3] / groups,
    ({ inputs: { dy }, outputs: { dx }, attributes, target }: Backward, vector: Vector): Lowering => {
      const windowed = { shape: dx.shape, windows: dy.shape, attributes, ...groupsOf(dx, attributes), vector } as const;
      return {
        launches: overWindows({ ...windowed, shader: "patches-backward.wgsl", large: ["dx"], small: ["dy"], made: "large" }, target),
      };
    },
  ),
);

const groupsOf = ({ shape }: TensorType, { groups }: ops.PatchesAttributes) => ({ channels: shape[3] / groups, dims: { groups } });
