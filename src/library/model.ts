// The networks as a user names them: what is to be trained or profiled, and where weights are loaded for inference.
import { alexnet as alexnetLayers } from "../models/alexnet.ts";
import { googlenet as googlenetLayers } from "../models/googlenet.ts";
import type { Network } from "../models/network.ts";
import { Classifier, type LoadOptions } from "./classifier.ts";
import type { Device } from "./device.ts";
import type { Source } from "./host.ts";

/** Options of a network that is to be trained or profiled. */
export interface ModelOptions {
  /** Number of classes, a whole number from 2. */
  readonly classes: number;
  /**
   * Weights to start from, .caffemodel or .safetensors. Where the file has other classes, the last layers are new and learn 10 times faster.
   * Default: random, as the reference model starts.
   */
  readonly init?: Source;
  /** Share of the paper's channels: 1, 1/2, 1/4 and so on. Default 1. */
  readonly width?: number;
  /** Side of the network's square input in pixels. Default: the paper's, 227 for AlexNet and 224 for GoogLeNet. */
  readonly size?: number;
}

/** A network to train or to profile, as `alexnet` or `googlenet` returns it. Holds no memory on a device. */
export class Model {
  /** Number of classes. */
  readonly classes: number;
  /** Share of the paper's channels. */
  readonly width: number;
  /** Side of the square input in pixels. */
  readonly size: number;
  /** Weights to start from; null for a random start. */
  readonly init: Source | null;
  readonly #network: Network;

  /** @internal */
  constructor(network: Network, options: ModelOptions) {
    const { classes, init, width = 1, size = network.size, ...others } = options;
    for (const name of Object.keys(others))
      throw new TypeError(`${network.name}: there is no option "${name}"; it takes classes, init, width, size`);
    if (!(Number.isInteger(classes) && classes >= 2))
      throw new TypeError(`${network.name}: classes must be a whole number from 2, got ${classes}`);
    this.classes = classes;
    this.width = width;
    this.size = size;
    this.init = init ?? null;
    this.#network = network;
  }

  /** @internal */
  static networkOf(model: Model): Network {
    if (!(#network in Object(model))) throw new TypeError("expected a model that alexnet() or googlenet() of this package returned");
    return model.#network;
  }
}

/** A model's layers. Throws a TypeError for anything that a network's function did not return. */
export const networkOf = (model: Model): Network => Model.networkOf(model);

/** A network: called, it makes a model to train or to profile; its `load` reads weights for inference. */
export interface ModelFamily {
  /** Makes a model to train or to profile. Throws where `classes` is not a whole number from 2. */
  (options: ModelOptions): Model;
  /**
   * Loads weights (.caffemodel, .safetensors) for inference. Classes, width and size are the file's. Throws an error that names the file where it cannot
   * be had, is damaged or of another network, and where `labels` are not as many as its classes.
   */
  load(device: Device, source: Source, options?: LoadOptions): Promise<Classifier>;
}

/** A network as its users have it. */
export const family = (network: Network): ModelFamily =>
  Object.assign((options: ModelOptions) => new Model(network, options), {
    load: (device: Device, source: Source, options?: LoadOptions) => Classifier.load(device, network, source, options),
  });

/** AlexNet (Krizhevsky, Sutskever and Hinton 2012), layer by layer as BVLC's reference model. */
export const alexnet: ModelFamily = family(alexnetLayers);

/** GoogLeNet (Szegedy et al. 2015), layer by layer as BVLC's reference model, with its two auxiliary heads while training. */
export const googlenet: ModelFamily = family(googlenetLayers);
