// Holds an op's gradient against central differences on its own definition, all in float64.
import { differentiate } from "../graph/autodiff.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { exactly } from "./bounds.ts";
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { noise, type GradientCase } from "./gradient-cases.ts";
import { ops, type OpName } from "./index.ts";

const STEP = 1e-4;
/** Central differences err by STEP^2 / 6 of a third derivative and by 2^-53 / STEP of the loss; both are of the order of 1 in every case. */
export const GRADIENT_TOLERANCE = 1e-7;

/** Largest error of the gradient with respect to each float32 input, by port: at most GRADIENT_TOLERANCE where the gradient is right. */
export function gradientErrors(name: OpName, tested: GradientCase): Record<string, number> {
  const { graph, losses, wrt, feeds, gradients } = build(ops[name], tested);
  const analytic = interpret(graph, feeds);
  const lossAt = (port: string, i: number, shift: number): number => {
    const values = interpret(graph, { ...feeds, [port]: feeds[port].with(i, feeds[port][i] + shift) });
    return losses.reduce((sum, loss) => sum + values.of(loss)[0], 0);
  };
  const errorOf = ({ name: port, shape }: Value, gradient: Value): number => {
    if (!sameShape(gradient.shape, shape))
      throw new Error(`internal: ${name}: the gradient of ${port} ${formatShape(shape)} is ${formatShape(gradient.shape)}`);
    const values = analytic.of(gradient);
    return feeds[port]
      .map((_, i) => (lossAt(port, i, STEP) - lossAt(port, i, -STEP)) / (2 * STEP) - values[i])
      .reduce((worst, error) => Math.max(worst, Math.abs(error)), 0);
  };
  return Object.fromEntries(wrt.map((value) => [value.name, errorOf(value, gradients.get(value) as Value)]));
}

/** loss = sum of r x. Its gradient is r because the loss is the end: what comes back is 1. */
const project = op<{ x: Port; r: Port }, { loss: Port }, object>({
  name: "project",
  bound: exactly,
  infer: () => ({ loss: { shape: [1], dtype: "f32" } }),
  reference: ({ x, r }) => ({ loss: Float64Array.of(x.data.reduce((sum, value, i) => sum + value * r.data[i], 0)) }),
  gradient: ({ inputs: { r } }) => ({ x: r }),
});

/** The op's outputs projected on random directions, and the gradient of the sum of that with respect to each float input. */
function build(tested: Op, { inputs, attributes = {}, outputs: named }: GradientCase) {
  const graph = new Graph();
  const values = Object.fromEntries(Object.entries(inputs).map(([port, { shape, dtype }]) => [port, graph.input(port, shape, dtype)]));
  const outputs: Record<string, Value> = graph.add(tested, values, attributes, tested.name);
  const feeds: Record<string, readonly number[]> = Object.fromEntries(Object.entries(inputs).map(([port, { data }]) => [port, data]));
  const losses = (named ?? Object.keys(outputs).slice(0, 1)).map((port) => {
    const direction = `direction of ${port}`;
    feeds[direction] = noise(...outputs[port].shape).data;
    return graph.add(project, { x: outputs[port], r: graph.input(direction, outputs[port].shape) }, {}, `loss of ${port}`).loss;
  });
  const wrt = Object.values(values).filter(({ dtype }) => dtype === "f32");
  return { graph, losses, wrt, feeds, gradients: differentiate(graph, losses, wrt, ops) };
}
