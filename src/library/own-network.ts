// Networks of a program's own, as alexnet and googlenet are: to train, to profile, to load for inference.
import type { Network } from "../models/network.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Classifier, type LoadOptions } from "./classifier.ts";
import type { Device } from "./device.ts";
import type { FileLike, Source } from "./host.ts";
import { Model, type ModelFamily, type ModelOptions } from "./model.ts";

/** A network that has weights, such as one that was read from an ONNX file. */
export interface NetworkWithWeights extends Network {
  /** In Caffe's order, by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Names of the classes; null where the file names none. */
  readonly labels: readonly string[] | null;
}

/** A family whose network has weights: models start from them, and `load` needs no file. */
export interface LoadedFamily extends ModelFamily {
  /** Loads the network's own weights for inference, or those of a file as `ModelFamily.load` does. */
  load(device: Device, source?: Source, options?: LoadOptions): Promise<Classifier>;
}

/** What `alexnet` and `googlenet` are, of a network of one's own: called, it makes a model to train or to profile; its `load` reads weights for inference. */
export function modelFamily(network: NetworkWithWeights): LoadedFamily;
export function modelFamily(network: Network): ModelFamily;
export function modelFamily(network: Network | NetworkWithWeights): ModelFamily | LoadedFamily {
  if (!("weights" in network))
    return Object.assign((options: ModelOptions) => new Model(network, options), {
      load: (device: Device, source: Source, options?: LoadOptions) => Classifier.load(device, network, source, options),
    });
  const own = fileOf(network);
  const { labels } = network;
  return Object.assign((options: ModelOptions) => new Model(network, { init: own, ...options }), {
    load: (device: Device, source: Source = own, options: LoadOptions = {}) =>
      Classifier.load(device, network, source, { ...(labels && { labels }), ...options }),
  });
}

/** The network's weights as a file. */
const fileOf = ({ name, weights }: NetworkWithWeights): FileLike => ({
  name,
  async arrayBuffer() {
    const { writeSafetensors } = await import("../weights/safetensors.ts");
    return new Blob(writeSafetensors([...weights])).arrayBuffer();
  },
});
