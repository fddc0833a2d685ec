// Rectified linear unit, element by element: what it means. Any shape.
import { op, type Port } from "../graph/op.ts";
import { exactly, relative } from "./bounds.ts";

/** y = max(x, 0). */
export const relu = op<{ x: Port }, { y: Port }, object>({
  name: "relu",
  infer: ({ x }) => ({ y: x }),
  reference: ({ x }) => ({ y: x.data.map((value) => Math.max(value, 0)) }),
  bound: exactly,
  gradient: ({ graph, outputs, dy, label }) => ({ x: dy.y && graph.add(reluBackward, { y: outputs.y, dy: dy.y }, {}, `${label}.dx`).dx }),
});

export interface ReluBackwardAttributes {
  /** Factor of dx: the scale of a dropout that a pass merged into this op. Default 1. */
  scale?: number;
}

/** dx = scale dy where y > 0, else 0; at 0 the gradient is 0, as in Caffe, where ReLU works in place and only y is left. */
export const reluBackward = op<{ y: Port; dy: Port }, { dx: Port }, ReluBackwardAttributes>({
  name: "reluBackward",
  infer: ({ y }) => ({ dx: y }),
  reference: ({ y, dy }, { scale = 1 }) => ({ dx: dy.data.map((value, i) => (y.data[i] > 0 ? scale * value : 0)) }),
  bound: (run) => (run.attributes.scale === undefined ? exactly : relative(2))(run),
});
