// Ranges of memory that hold several states. A kernel that takes many parameters at once binds one range, and its `Dims` say where each begins.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { withPlaces, type Launch } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import type { StateAllocation } from "./memory.ts";

/** What a launch's ports belong to. */
export type Reader = Pick<Node, "op" | "label" | "inputs">;

/** Finds the range of a buffer that holds several states. */
export class Spans {
  readonly #names: ReadonlyMap<Value, string>;
  readonly #allocations: ReadonlyMap<string, StateAllocation>;

  constructor({ states }: Graph, allocations: ReadonlyMap<string, StateAllocation>) {
    this.#names = new Map(states.map(({ name, value }) => [value, name]));
    this.#allocations = allocations;
  }

  /** The range from the first of a node's ports to the last, and the state it begins with; null where they are not states of one buffer. */
  of({ inputs }: Pick<Node, "inputs">, ports: readonly string[]): { first: string; offset: number; bytes: number } | null {
    const names = ports.map((port) => this.#names.get(inputs[port]));
    const allocations = names.map((name) => (name === undefined ? undefined : this.#allocations.get(name)));
    if (allocations.some((allocation) => allocation?.buffer !== allocations[0]?.buffer)) return null;
    const known = allocations.filter((allocation) => allocation !== undefined);
    if (known.length < ports.length) return null;
    const offset = Math.min(...known.map((allocation) => allocation.offset));
    const end = Math.max(...known.map((allocation) => allocation.offset + allocation.bytes));
    return { first: names[known.findIndex((allocation) => allocation.offset === offset)] as string, offset, bytes: end - offset };
  }

  /** The launch with `Dims` that say where each port of its spans begins. */
  fill(node: Reader, launch: Launch): Launch {
    if (!launch.spans) return launch;
    const begin = (port: string): number =>
      (this.#allocations.get(this.#names.get(node.inputs[port]) as string) as StateAllocation).offset;
    const dims = withPlaces(launch, (port, span) => (begin(port) - this.#known(node, span).offset) / BYTES_PER_ELEMENT);
    return { ...launch, dims };
  }

  /** The state that the range begins with, and the range's bytes. */
  range(node: Reader, ports: readonly string[]): { readonly name: string; readonly bytes: number } {
    const { first, bytes } = this.#known(node, ports);
    return { name: first, bytes };
  }

  #known(node: Reader, ports: readonly string[]): { first: string; offset: number; bytes: number } {
    const span = this.of(node, ports);
    if (!span) throw new Error(`internal: ${node.op.name} "${node.label}": ${ports.join(", ")} do not lie in one range of memory`);
    return span;
  }
}
