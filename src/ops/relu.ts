// Rectified linear unit, element by element: what it means. Any shape.
import { op, type Port } from "../graph/op.ts";

/** y = max(x, 0). */
export const relu = op<{ x: Port }, { y: Port }, object>({
  name: "relu",
  infer: ({ x }) => ({ y: x }),
  reference: ({ x }) => ({ y: x.data.map((value) => Math.max(value, 0)) }),
  gradient: ({ graph, outputs, dy, label }) => ({ x: dy.y && graph.add(reluBackward, { y: outputs.y, dy: dy.y }, {}, `${label}.dx`).dx }),
});

/** dx = dy where y > 0, else 0; at 0 the gradient is 0, as in Caffe, where ReLU works in place and only y is left. */
export const reluBackward = op<{ y: Port; dy: Port }, { dx: Port }, object>({
  name: "reluBackward",
  infer: ({ y }) => ({ dx: y }),
  reference: ({ y, dy }) => ({ dx: dy.data.map((value, i) => (y.data[i] > 0 ? value : 0)) }),
});
