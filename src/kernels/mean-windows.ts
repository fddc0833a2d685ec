// How the mean over windows by ONNX's rule is launched. Device code: shaders/mean-windows.wgsl, mean-windows-backward.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/mean-windows.ts";
import { kernel, type Call, type Lowering } from "./kernel.ts";
import { inVectors, overWindows, type Vector } from "./windows.ts";

type Forward = Call<{ x: TensorType }, { y: TensorType }, ops.MeanWindowsAttributes>;
type Backward = Call<{ dy: TensorType }, { dx: TensorType }, ops.MeanWindowsBackwardAttributes>;

export const meanWindows = kernel(
  ops.meanWindows,
  inVectors(
    ({ inputs: { x } }: Forward) => x.shape[3],
    ({ inputs: { x }, outputs: { y }, attributes, target }: Forward, vector: Vector): Lowering => {
      const windowed = { shape: x.shape, windows: y.shape, attributes, channels: x.shape[3], vector, dims: dimsOf(attributes) } as const;
      return { launches: overWindows({ ...windowed, shader: "mean-windows.wgsl", large: ["x"], small: ["y"], made: "small" }, target) };
    },
  ),
);

export const meanWindowsBackward = kernel(
  ops.meanWindowsBackward,
  inVectors(
    ({ inputs: { dy } }: Backward) => dy.shape[3],
    ({ inputs: { dy }, outputs: { dx }, attributes, target }: Backward, vector: Vector): Lowering => {
      const windowed = { shape: dx.shape, windows: dy.shape, attributes, channels: dx.shape[3], vector, dims: dimsOf(attributes) } as const;
      const variant = { ...windowed, shader: "mean-windows-backward.wgsl" };
      return { launches: overWindows({ ...variant, large: ["dx"], small: ["dy"], made: "large" }, target) };
    },
  ),
);

const dimsOf = ({ countPad }: ops.MeanWindowsAttributes) => ({ countPad: countPad ? 1 : 0 });
