// What passes are made of. A pass takes a graph and gives another one that computes the same: nodes are replaced, values keep their identity.
import type { Graph, Node, Value } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";

export interface Pass {
  readonly apply: (graph: Graph) => Graph;
}

/** Where each value is used: by which nodes, and whether it leaves the step as an output or as the next value of a state. */
export class Uses {
  readonly #nodes = new Map<Value, Node[]>();
  readonly #escaping: ReadonlySet<Value>;

  constructor(graph: Graph) {
    for (const node of graph.nodes) {
      for (const value of new Set(Object.values(node.inputs))) {
        const users = this.#nodes.get(value);
        if (users) users.push(node);
        else this.#nodes.set(value, [node]);
      }
    }
    this.#escaping = new Set([...graph.outputs.values(), ...graph.states.flatMap(({ next }) => (next ? [next] : []))]);
  }

  /** The nodes that read a value. */
  of(value: Value): readonly Node[] {
    return this.#nodes.get(value) ?? [];
  }

  /** Whether a value is an output of the step, or what a state becomes. */
  escapes(value: Value): boolean {
    return this.#escaping.has(value);
  }

  /** The only node that reads a value which does not escape. */
  single(value: Value): Node | undefined {
    const users = this.of(value);
    return users.length === 1 && !this.escapes(value) ? users[0] : undefined;
  }
}

/** Replacements by node; an empty list removes the node. */
export class Replacements {
  readonly #by = new Map<Node, readonly Node[]>();

  /** Replaces `node` with `to` and removes `gone`. */
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

/** Whether there is a node and its op is this very object. */
export const isOp = (node: Node | undefined, op: Op): node is Node => node?.op === op;
