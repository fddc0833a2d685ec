// What passes are made of. A pass takes a graph and gives another one that computes the same: nodes are replaced, values keep their identity.
import type { Graph, Node, Value } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";

export interface Pass {
  /** What it does, for `--passes` and tables. */
  readonly about: string;
  readonly apply: (graph: Graph) => Graph;
}

/** Who reads a value: nodes, and whether it leaves the step as an output or as the next value of a state. */
export class Readers {
  readonly #nodes = new Map<Value, Node[]>();
  readonly #kept: ReadonlySet<Value>;

  constructor(graph: Graph) {
    for (const node of graph.nodes) {
      for (const value of new Set(Object.values(node.inputs))) {
        const readers = this.#nodes.get(value);
        if (readers) readers.push(node);
        else this.#nodes.set(value, [node]);
      }
    }
    this.#kept = new Set([...graph.outputs.values(), ...graph.states.flatMap(({ next }) => (next ? [next] : []))]);
  }

  of(value: Value): readonly Node[] {
    return this.#nodes.get(value) ?? [];
  }

  /** Whether it is an output of the step, or what a state becomes. */
  isKept(value: Value): boolean {
    return this.#kept.has(value);
  }

  /** The one node that reads a value which nobody else needs. */
  only(value: Value): Node | undefined {
    const readers = this.of(value);
    return readers.length === 1 && !this.#kept.has(value) ? readers[0] : undefined;
  }
}

/** Nodes to put in the place of others; those that are replaced by nothing go. */
export class Replacements {
  readonly #by = new Map<Node, readonly Node[]>();

  /** `node` gives way to `to`; `gone` give way to nothing. */
  replace(node: Node, to: readonly Node[], gone: readonly Node[] = []): void {
    this.#by.set(node, to);
    for (const other of gone) this.#by.set(other, []);
  }

  has(node: Node): boolean {
    return this.#by.has(node);
  }

  applyTo(graph: Graph): Graph {
    return this.#by.size === 0 ? graph : graph.derive(graph.nodes.flatMap((node) => this.#by.get(node) ?? [node]));
  }
}

/** Whether a node is of an op. Ops are compared by identity. */
export const isOp = (node: Node | undefined, op: Op): node is Node => node?.op === op;
