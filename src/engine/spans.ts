// Stretches of memory that hold several states: kernels that take many parameters at once bind the stretch, and are told where each begins.
import type { Graph, Node, Value } from "../graph/graph.ts";
import type { Launch } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import type { StatePlace } from "./memory.ts";

/** Stretches of memory that hold several states of one buffer. */
export class Spans {
  readonly #names: ReadonlyMap<Value, string>;
  readonly #places: ReadonlyMap<string, StatePlace>;

  constructor({ states }: Graph, places: ReadonlyMap<string, StatePlace>) {
    this.#names = new Map(states.map(({ name, value }) => [value, name]));
    this.#places = places;
  }

  /** The stretch from the first of a node's ports to the last, with the state it begins with; null where they are no states of one buffer. */
  of({ inputs }: Node, ports: readonly string[]): { first: string; offset: number; bytes: number } | null {
    const names = ports.map((port) => this.#names.get(inputs[port]));
    const places = names.map((name) => (name === undefined ? undefined : this.#places.get(name)));
    if (places.some((place) => place?.buffer !== places[0]?.buffer)) return null;
    const known = places.filter((place) => place !== undefined);
    if (known.length < ports.length) return null;
    const offset = Math.min(...known.map((place) => place.offset));
    const end = Math.max(...known.map((place) => place.offset + place.bytes));
    return { first: names[known.findIndex((place) => place.offset === offset)] as string, offset, bytes: end - offset };
  }

  /** The launch with `Dims` that say where each port of its spans begins. */
  fill(node: Node, launch: Launch): Launch {
    if (!launch.spans) return launch;
    const dims: Record<string, number> = { ...launch.dims };
    for (const ports of Object.values(launch.spans)) {
      const { offset } = this.#known(node, ports);
      for (const port of ports)
        dims[`${port}At`] =
          ((this.#places.get(this.#names.get(node.inputs[port]) as string) as StatePlace).offset - offset) / BYTES_PER_ELEMENT;
    }
    return { ...launch, dims };
  }

  /** The state that the stretch begins with, and its bytes. */
  stretch(node: Node, ports: readonly string[]): { readonly name: string; readonly bytes: number } {
    const { first, bytes } = this.#known(node, ports);
    return { name: first, bytes };
  }

  #known(node: Node, ports: readonly string[]): { first: string; offset: number; bytes: number } {
    const span = this.of(node, ports);
    if (!span) throw new Error(`internal: ${node.op.name} "${node.label}": ${ports.join(", ")} do not lie in one stretch of memory`);
    return span;
  }
}
