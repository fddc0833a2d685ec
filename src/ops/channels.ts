// Between Caffe's axis order [images, channels, height, width], which files and the public API speak, and the engine's, channels last:
// what the two moves mean. Each is the other's gradient.
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { exactly } from "./bounds.ts";

export interface ChannelsAttributes {
  /** Channels of the output. */
  channels: number;
}

type ChannelsOp = Op<{ x: Port }, { y: Port }, ChannelsAttributes>;

/** y[n, h, w, c] = x[n, c, h, w] for the channels that x has; the rest, up to `channels`, are 0. */
export const channelsLast: ChannelsOp = op({
  name: "channelsLast",
  infer({ x }, { channels }, label) {
    if (x.shape.length !== 4 || x.shape[1] > channels) {
      throw new Error(
        `channelsLast "${label}": x must be [images, at most ${channels} channels, height, width], got ${formatShape(x.shape)}`,
      );
    }
    const [images, , height, width] = x.shape;
    return { y: { shape: [images, height, width, channels], dtype: "f32" } };
  },
  reference({ x }, { channels }, outputs) {
    const [, filled, height, width] = x.shape;
    const pixels = height * width;
    const y = new Float64Array(sizeOf(outputs.y.shape));
    x.data.forEach((value, i) => {
      const plane = Math.floor(i / pixels);
      y[(Math.floor(plane / filled) * pixels + (i % pixels)) * channels + (plane % filled)] = value;
    });
    return { y };
  },
  bound: exactly,
  gradient: ({ graph, inputs: { x }, dy, label }) => ({
    x: dy.y && graph.add(channelsFirst, { x: dy.y }, { channels: x.shape[1] }, `${label}.dx`).y,
  }),
});

/** y[n, c, h, w] = x[n, h, w, c] for the first `channels` channels; the others are left out. */
export const channelsFirst: ChannelsOp = op({
  name: "channelsFirst",
  infer({ x }, { channels }, label) {
    if (x.shape.length !== 4 || x.shape[3] < channels) {
      throw new Error(
        `channelsFirst "${label}": x must be [images, height, width, at least ${channels} channels], got ${formatShape(x.shape)}`,
      );
    }
    const [images, height, width] = x.shape;
    return { y: { shape: [images, channels, height, width], dtype: "f32" } };
  },
  reference({ x }, { channels }, outputs) {
    const [, height, width, stored] = x.shape;
    const pixels = height * width;
    const y = new Float64Array(sizeOf(outputs.y.shape)).map((_, i) => {
      const plane = Math.floor(i / pixels);
      return x.data[(Math.floor(plane / channels) * pixels + (i % pixels)) * stored + (plane % channels)];
    });
    return { y };
  },
  bound: exactly,
  gradient: ({ graph, inputs: { x }, dy, label }) => ({
    x: dy.y && graph.add(channelsLast, { x: dy.y }, { channels: x.shape[3] }, `${label}.dx`).y,
  }),
});
