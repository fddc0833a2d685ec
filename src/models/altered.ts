// A network without some of its parts, or that starts with equal weights: what each part is for shows where it is missing. Layers keep their names, and so do
// parameters.
import { Graph, type Value } from "../graph/graph.ts";
import { build, Layers, type Filler, type Network } from "./network.ts";

/** Kinds of layers that a network can do without: nothing but values and gradients depends on them. */
const LEFT_OUT = ["lrn", "relu", "dropout"] as const;
type LeftOut = (typeof LEFT_OUT)[number];

export interface Alterations {
  /** Kinds of layers, or single layers of these kinds by name, that pass on what comes to them. */
  readonly without?: readonly string[];
  /** Weight of the auxiliary heads' losses in place of the network's. */
  readonly auxiliary?: number;
  /** All weights of a layer start at the same value, with which each unit is the mean of its inputs. */
  readonly equalStart?: boolean;
}

/** A network with other layers. Throws a TypeError for a name that is neither a kind nor a layer of one. */
export function altered(network: Network, { without = [], auxiliary, equalStart = false }: Alterations): Network {
  const met = new Set<string>(LEFT_OUT);
  const isOut = (kind: LeftOut, name: string): boolean => {
    met.add(name);
    return without.includes(kind) || without.includes(name);
  };
  const Base = network.vocabulary ?? Layers;
  class AlteredLayers extends Base {
    override relu(name: string, x: Value): Value {
      return isOut("relu", name) ? x : super.relu(name, x);
    }

    override lrn(name: string, x: Value): Value {
      return isOut("lrn", name) ? x : super.lrn(name, x);
    }

    override dropout(name: string, x: Value, ratio: number): Value {
      return isOut("dropout", name) ? x : super.dropout(name, x, ratio);
    }

    override parameter(
      layer: string,
      role: string,
      shape: readonly number[],
      filler: Filler,
      rest: Parameters<Layers["parameter"]>[4],
    ): Value {
      const equal = equalStart && role === "weight";
      return super.parameter(layer, role, shape, equal ? { kind: "constant", value: 1 / rest.fanIn } : filler, rest);
    }
  }
  const made: Network = {
    ...network,
    vocabulary: AlteredLayers,
    build(layers, x, classes) {
      const [main, ...others] = network.build(layers, x, classes);
      return [main, ...(auxiliary === undefined ? others : others.map((head) => ({ ...head, lossWeight: auxiliary })))];
    },
  };
  expectNames(made, without, met);
  return made;
}

/** Builds the network once, so that it meets all of its layers. */
function expectNames(network: Network, without: readonly string[], met: ReadonlySet<string>): void {
  const graph = new Graph();
  const x = graph.input("x", [1, network.size, network.size, 4]);
  build(network, graph, x, { classes: 2, width: 1 / 8, training: true, random: graph.input("random", [4], "u32") });
  const unknown = without.filter((name) => !met.has(name));
  if (unknown.length > 0)
    throw new TypeError(
      `without: ${network.title} has no ${unknown.map((name) => JSON.stringify(name)).join(", ")}; it has ${[...met].join(", ")}`,
    );
}
