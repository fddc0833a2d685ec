// Networks that a program defines, used as alexnet and googlenet are.
import { network as define, type NetworkDefinition as Definition } from "../models/define.ts";
import type { NetworkHead, NetworkLayers, NetworkValue } from "../models/vocabulary.ts";
import { callback, colour, expectOptions, number, text, whole } from "./check.ts";
import { family, type ModelFamily } from "./model.ts";

/** What a network is. */
export interface NetworkDefinition {
  /** What files of weights call it. */
  readonly name: string;
  /** For people. Default: the name. */
  readonly title?: string;
  /** Side of the square input in pixels. Others will do as long as every layer is left a map. */
  readonly size: number;
  /** What is subtracted from the pixels where a file of weights does not say: blue, green, red, from 0 to 255. Default [104, 117, 123], ImageNet's. */
  readonly mean?: readonly [number, number, number];
  /** Weight decay where a solver does not say. Default 5e-4. */
  readonly weightDecay?: number;
  /**
   * Appends the layers to x, [images, size, size, 4]: blue, green, red and a zero that no filter counts. Returns the scores [images, classes], or all heads, the
   * main one first. Called more than once, with different numbers of classes.
   */
  build(layers: NetworkLayers, x: NetworkValue, classes: number): NetworkValue | readonly [NetworkHead, ...NetworkHead[]];
}

/**
 * Makes a network of a definition, to be trained, loaded, explained, saved and profiled as `alexnet` and `googlenet` are. Throws a TypeError for a wrong field, and
 * an Error where a layer does not fit what it is given.
 */
export function network(definition: NetworkDefinition): ModelFamily {
  expectOptions("network", definition, {
    name: text,
    title: text,
    size: whole(1),
    mean: colour,
    weightDecay: number((value) => value >= 0, "a number from 0"),
    build: callback,
  });
  for (const field of ["name", "size", "build"] as const)
    if (definition[field] === undefined) throw new TypeError(`network: the definition has no ${field}`);
  // The layers that `build` is given make values of the graph, which the package declares by their shapes alone.
  return family(define(definition as Definition));
}
