// How the maximum over windows by ONNX's rule is launched. Device code: shaders/max-windows.wgsl, max-windows-backward.wgsl.
import * as ops from "../ops/max-windows.ts";
import type { TensorType } from "../graph/op.ts";
import type { WindowAttributes } from "../ops/windows.ts";
import { kernel, type Call, type Lowering } from "./kernel.ts";
import { inVectors, overWindows, type Vector } from "./windows.ts";

type Forward = Call<{ x: TensorType }, { y: TensorType }, WindowAttributes>;
type Backward = Call<{ x: TensorType; y: TensorType; dy: TensorType }, { dx: TensorType }, WindowAttributes>;

export const maxWindows = kernel(
  ops.maxWindows,
  inVectors(
    ({ inputs: { x } }: Forward) => x.shape[3],
    ({ inputs: { x }, outputs: { y }, attributes, target }: Forward, vector: Vector): Lowering => {
      const windowed = { shape: x.shape, windows: y.shape, attributes, channels: x.shape[3], vector } as const;
      return { launches: overWindows({ ...windowed, shader: "max-windows.wgsl", large: ["x"], small: ["y"], made: "small" }, target) };
    },
  ),
);

export const maxWindowsBackward = kernel(
  ops.maxWindowsBackward,
  inVectors(
    ({ inputs: { x } }: Backward) => x.shape[3],
    ({ inputs: { x, y }, attributes, target }: Backward, vector: Vector): Lowering => {
      const windowed = { shape: x.shape, windows: y.shape, attributes, channels: x.shape[3], vector } as const;
      const variant = { ...windowed, shader: "max-windows-backward.wgsl", params: { Flags: vector === 4 ? "vec4<bool>" : "bool" } };
      return { launches: overWindows({ ...variant, large: ["x", "dx"], small: ["y", "dy"], made: "large" }, target) };
    },
  ),
);
