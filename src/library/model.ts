// The networks of the public API: models to train or profile, and loading weights for inference.
import { alexnet as alexnetLayers } from "../models/alexnet.ts";
import { googlenet as googlenetLayers } from "../models/googlenet.ts";
import type { Network } from "../models/network.ts";
import { Classifier, type LoadOptions } from "./classifier.ts";
import type { Device } from "./device.ts";
import type { Source } from "./host.ts";

export interface ModelOptions {
  readonly classes: number;
  /** Weights to start from. If the file has other classes, the last layers are new, with 10 times the learning rate. Default: fillers. */
  readonly init?: Source;
  /** Share of the paper's channels: 1, 1/2, 1/4 ... Default 1. */
  readonly width?: number;
  /** Side of the network's input in pixels. Default: the paper's. */
  readonly size?: number;
}

/** A network to train or to profile. Holds no memory on a device. */
export interface Model {
  /** @internal */
  readonly network: Network;
  readonly classes: number;
  readonly width: number;
  readonly size: number;
  readonly init: Source | null;
}

export interface ModelFamily {
  (options: ModelOptions): Model;
  /** Loads weights (.caffemodel, .safetensors) for inference. */
  load(device: Device, source: Source, options?: LoadOptions): Promise<Classifier>;
}

function family(network: Network): ModelFamily {
  const model = ({ classes, init, width = 1, size = network.size }: ModelOptions): Model => {
    if (!(Number.isInteger(classes) && classes >= 2))
      throw new Error(`${network.name}: classes must be a whole number from 2, got ${classes}`);
    return { network, classes, width, size, init: init ?? null };
  };
  return Object.assign(model, {
    load: (device: Device, source: Source, options?: LoadOptions) => Classifier.load(device, network, source, options),
  });
}

/** AlexNet (Krizhevsky et al. 2012), as BVLC's reference model. */
export const alexnet = family(alexnetLayers);

/** GoogLeNet (Szegedy et al. 2015), as BVLC's reference model. */
export const googlenet = family(googlenetLayers);
