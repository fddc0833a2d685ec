// Networks of one's own: one definition, and what follows from it.
import { Graph, type Value } from "../graph/graph.ts";
import { FurtherLayers } from "./further-layers.ts";
import { build, type Head, type Network } from "./network.ts";

export interface NetworkDefinition {
  /** What files of weights and commands call it. */
  readonly name: string;
  /** For people. Default: the name. */
  readonly title?: string;
  /** Side of the square input. Others will do as long as every layer is left a map. */
  readonly size: number;
  /** What is subtracted from the pixels where nothing else is said: blue, green, red, or the mean image. Default [104, 117, 123], ImageNet's. */
  readonly mean?: Network["mean"];
  /** The solver's, where nothing else is said. Default 5e-4. */
  readonly weightDecay?: number;
  /** Appends the layers to x, [images, size, size, 4]: blue, green, red and a zero that no filter counts. Returns the scores [images, classes], or all heads. */
  build(layers: FurtherLayers, x: Value, classes: number): Value | [Head, ...Head[]];
}

/**
 * A network of one's own. Its last layers (whose size follows the classes) and those that only training has are found by building it. Throws where
 * a layer does not fit `size`.
 */
export function network(definition: NetworkDefinition): Network {
  const { name, title = name, size, mean = [104, 117, 123], weightDecay = 5e-4 } = definition;
  const defined: Network = {
    name,
    title,
    size,
    stored: storedFor(size),
    lastLayers: [],
    auxiliary: [],
    mean,
    weightDecay,
    vocabulary: FurtherLayers,
    build(layers, x, classes) {
      const made = definition.build(layers as FurtherLayers, x, classes);
      return Array.isArray(made) ? made : [{ name: "loss", logits: made, lossWeight: 1 }];
    },
  };
  return { ...defined, ...derivedLayers(defined, size, 10) };
}

/** Pictures of 256 pixels for crops of 224, and likewise. */
export const storedFor = (size: number): number => Math.round((size * 256) / 224);

/** What follows from building a network: the layers whose size follows the classes, and those that only training has. */
export function derivedLayers(network: Network, size: number, classes: number): Pick<Network, "lastLayers" | "auxiliary"> {
  const shapes = (count: number, training: boolean): Map<string, { layer: string; shape: string }> => {
    const graph = new Graph();
    const x = graph.input("x", [1, size, size, 4]);
    const random = graph.input("random", [4], "u32");
    const { parameters } = build(network, graph, x, { classes: count, training, random });
    return new Map(parameters.map(({ name, layer, caffeShape }) => [name, { layer, shape: caffeShape.join() }]));
  };
  const trained = shapes(classes, true);
  const others = shapes(classes + 1, true);
  const scoring = new Set([...shapes(classes, false).values()].map(({ layer }) => layer));
  const following = [...trained].filter(([name, { shape }]) => others.get(name)?.shape !== shape).map(([, { layer }]) => layer);
  const auxiliary = [...trained.values()].map(({ layer }) => layer).filter((layer) => !scoring.has(layer));
  return { lastLayers: [...new Set(following)], auxiliary: [...new Set(auxiliary)] };
}
