// How the moves between Caffe's axis order and the engine's are launched. Device code: shaders/channels-last.wgsl, channels-first.wgsl. They run
// once per step, on the input alone, so there is no vector family.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/channels.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../tensor/shape.ts";
import { flat, kernel, type Call, type Lowering } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;

export const channelsLast = kernel(ops.channelsLast, {
  textbook: (call) => move("channels-last.wgsl", call, { filled: call.inputs.x.shape[1] }, call.inputs.x.shape.slice(2)),
});

export const channelsFirst = kernel(ops.channelsFirst, {
  textbook: (call) => move("channels-first.wgsl", call, { stored: call.inputs.x.shape[3] }, call.inputs.x.shape.slice(1, 3)),
});

type Move = Call<{ x: TensorType }, { y: TensorType }, ops.ChannelsAttributes>;

function move(
  shader: string,
  { inputs: { x }, outputs: { y }, attributes: { channels }, target }: Move,
  inputChannels: Readonly<Record<string, number>>,
  [height, width]: readonly number[],
): Lowering {
  const images = x.shape[0];
  const [perInput, perOutput] = [sizeOf(x.shape) / images, sizeOf(y.shape) / images];
  return {
    launches: overItems(images, { x: perInput, y: perOutput }, target, (_first, images) => ({
      shader,
      params: { WORKGROUP },
      dims: { count: images * perOutput, pixels: height * width, channels, ...inputChannels },
      workgroups: flat(images * perOutput, WORKGROUP, target),
      flops: 0,
      bytes: BYTES_PER_ELEMENT * images * (perInput + perOutput),
    })),
  };
}
