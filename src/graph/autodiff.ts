// Reverse-mode differentiation, graph to graph: walks the nodes backwards and lets each op's rule append the ops of its gradient.
import type { Graph, Node, Value } from "./graph.ts";
import type { Op, Port } from "./op.ts";

/** The two ops that differentiation itself needs; the caller hands them in, because ops lie to the right of this module. */
export interface GradientAlgebra {
  /** a + b */
  readonly add: Op<{ a: Port; b: Port }, { y: Port }, object>;
  /** A constant of a given shape. */
  readonly constant: Op<object, { y: Port }, { value: number; shape: readonly number[] }>;
}

/**
 * Appends to `graph` the gradients of the sum of `losses` (each of shape [1]), times `seed` [1] if there is one, with respect to each of `wrt`.
 * Only nodes that lie between are visited: frozen parameters and the input image cost nothing.
 * Throws if a value of `wrt` does not influence any loss.
 */
export function differentiate(
  graph: Graph,
  losses: readonly Value[],
  wrt: readonly Value[],
  algebra: GradientAlgebra,
  seed?: Value,
): Map<Value, Value> {
  const forward = [...graph.nodes];
  const needed = dependents(forward, wrt);
  const gradients = new Map<Value, Value>();

  const accumulate = (value: Value, gradient: Value, label: string): void => {
    const sum = gradients.get(value);
    gradients.set(value, sum ? graph.add(algebra.add, { a: sum, b: gradient }, {}, `${label}.sum`).y : gradient);
  };

  const active = losses.filter((loss) => needed.has(loss));
  const first = active[0];
  if (first) {
    const gradient = seed ?? graph.add(algebra.constant, {}, { value: 1, shape: first.shape }, "loss.seed").y;
    for (const loss of active) accumulate(loss, gradient, loss.name);
  }

  for (const node of forward.toReversed()) {
    const dy = Object.fromEntries(
      Object.entries(node.outputs)
        .map(([port, value]) => [port, gradients.get(value)])
        .filter(([, gradient]) => gradient !== undefined),
    ) as Record<string, Value>;
    if (Object.keys(dy).length === 0 || !Object.values(node.inputs).some((value) => needed.has(value))) continue;
    const byPort = gradientOf(graph, node, dy, (port) => needed.has(node.inputs[String(port)]));
    for (const [port, gradient] of Object.entries(byPort)) {
      const input = node.inputs[port];
      if (gradient && needed.has(input)) accumulate(input, gradient, `${input.name}.d`);
    }
  }

  const missing = wrt.filter((value) => !gradients.has(value)).map((value) => value.name);
  if (missing.length > 0) throw new Error(`autodiff: no loss depends on ${missing.join(", ")}`);
  return new Map(wrt.map((value) => [value, gradients.get(value) as Value]));
}

function gradientOf(
  graph: Graph,
  node: Node,
  dy: Record<string, Value>,
  needs: (port: PropertyKey) => boolean,
): Record<string, Value | undefined> {
  const { op, inputs, outputs, attributes, label } = node;
  if (!op.gradient) throw new Error(`autodiff: ${op.name} "${label}" has no gradient, but a loss depends on it`);
  return op.gradient({ graph, inputs, outputs, dy, attributes, label, needs });
}

/** Everything that depends on one of `sources`, the sources included. */
function dependents(nodes: readonly Node[], sources: readonly Value[]): Set<Value> {
  const reached = new Set(sources);
  for (const node of nodes) {
    if (Object.values(node.inputs).some((value) => reached.has(value))) for (const value of Object.values(node.outputs)) reached.add(value);
  }
  return reached;
}
