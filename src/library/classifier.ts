// A network with its weights on a device. What reads weights, pictures and layers is loaded when it is asked for.
import type { Network } from "../models/network.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Scorer } from "../train/scorer.ts";
import { internalsOf, type Device } from "./device.ts";
import type { ExplainOptions, Explanation } from "./explain.ts";
import type { Source } from "./host.ts";
import type { NetworkInternals } from "./network-internals.ts";
import type { PictureInput } from "./pictures.ts";
import type { ClassifyOptions, Guess, LayerInfo, RunOptions, RunOnGpuOptions } from "./run.ts";
import type { SaveOptions } from "./save.ts";
import type { GpuTensor, TensorValues } from "./tensors.ts";

/** Options of `load`. */
export interface LoadOptions {
  /** Names of the classes in the order of their indices. Default: the file's, else ImageNet's where there are 1000, else "class 0", "class 1" and so on. */
  readonly labels?: readonly string[];
  /** AlexNet's mean image (imagenet_mean.binaryproto). Default: the file's, else ImageNet's mean pixel. */
  readonly mean?: Source;
  /** Called as the weights arrive from a URL, with bytes received and in all; null where the server does not say how many. */
  readonly onProgress?: (received: number, total: number | null) => void;
  /** Ends loading: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Hash that the weights must have, as in HTML: "sha256-" (or sha1, sha384, sha512) and the digest in base64. */
  readonly integrity?: string;
  /**
   * Whether weights from a URL are kept for the next time: in the origin's private file system in a browser, in the user's cache folder in Node; a string names
   * another folder. Default false.
   */
  readonly cache?: boolean | string;
}

/** A network with its weights on a device, for inference. `load` of a network makes it. `using` disposes of it. */
export class Classifier implements Disposable {
  /** Names of the classes in the order of their indices. */
  readonly labels: readonly string[];
  /** Every value that `run` can return, from the picture to the probabilities. */
  readonly layers: readonly LayerInfo[];
  readonly #internals: NetworkInternals;
  #disposed = false;

  /** @internal Reads a .caffemodel or .safetensors file; classes, width and size are the file's. Throws, naming it, if it is not this network's. */
  static async load(device: Device, network: Network, source: Source, options: LoadOptions = {}): Promise<Classifier> {
    const { engine, sessionOptions } = internalsOf(device);
    (await import("./arguments.ts")).expectLoad(source, options);
    const { labels, mean, ...reading } = options;
    const [{ readSource }, { readPretrained }, { withClassNames }] = await Promise.all([
      import("./read-source.ts"),
      import("../train/pretrained.ts"),
      import("../train/class-names.ts"),
    ]);
    const meanOf = async (from: Source): Promise<Tensor> => {
      const { bytes, file } = await readSource(engine.platform, from);
      return (await import("../weights/caffemodel.ts")).readBinaryproto(bytes, file);
    };
    const meanImage = mean && (await meanOf(mean));
    const read = readPretrained(network, await readSource(engine.platform, source, reading), {
      ...(labels && { labels }),
      ...(meanImage && { mean: meanImage }),
    });
    const { weights, ...trained } = await withClassNames(read);
    reading.signal?.throwIfAborted();
    const scorer = await Scorer.open(engine, { ...trained, weights }, { batch: 1, ...sessionOptions });
    return Classifier.of({ engine, sessionOptions, trained, scorer });
  }

  /** @internal On a scorer, which it disposes of. */
  static async of(parts: Omit<NetworkInternals, "owned" | "expectAlive">): Promise<Classifier> {
    const { layersOf } = await import("./run.ts");
    return new Classifier({ ...parts, owned: new Set([parts.scorer]) }, layersOf(parts.scorer.built));
  }

  private constructor(parts: Omit<NetworkInternals, "expectAlive">, layers: readonly LayerInfo[]) {
    this.labels = parts.trained.classes;
    this.layers = layers;
    const expectAlive = (): void => {
      if (this.#disposed) throw new Error("this network was disposed: load it again");
      parts.engine.check();
    };
    this.#internals = { ...parts, expectAlive };
  }

  /** @internal */
  static internalsOf(net: Classifier): NetworkInternals {
    if (!(#internals in Object(net))) throw new TypeError("expected a network that load() of this package returned");
    return net.#internals;
  }

  /**
   * The likeliest classes of a picture, best first. If the network was trained on images cut to the head, the picture is cut, too. Then it is squashed to a
   * square and cropped in the middle, as Caffe's tools do. Throws a TypeError for what is not a picture and for a wrong option, and an Error where the picture cannot be
   * read, and once the network or its device was disposed.
   */
  classify(picture: PictureInput, options?: ClassifyOptions): Promise<Guess[]>;
  /** The likeliest classes of each picture, in the order of the pictures. */
  classify(pictures: readonly PictureInput[], options?: ClassifyOptions): Promise<Guess[][]>;
  async classify(input: PictureInput | readonly PictureInput[], options: ClassifyOptions = {}): Promise<Guess[] | Guess[][]> {
    this.#internals.expectAlive();
    const { classify } = await import("./run.ts");
    const guesses = await classify(this.#internals, input, options);
    if (Array.isArray(input)) return guesses;
    if (guesses.length !== 1) throw new TypeError(`classify: expected one picture, got a tensor of ${guesses.length}: pass it in an array`);
    return guesses[0];
  }

  /**
   * Values of any layers for one picture or several, by name; the first axis counts pictures. Pictures become a network's input as in `classify`. Throws a TypeError
   * for what is not a picture, for a layer that is not in `layers` and for a wrong option.
   */
  run(input: PictureInput | readonly PictureInput[], options?: RunOptions): Promise<Record<string, TensorValues>>;
  /** The same values where they lie on the device, without a copy. They are there until the next call of `run`, or until the network is disposed. */
  run(input: PictureInput | readonly PictureInput[], options: RunOnGpuOptions): Promise<Record<string, GpuTensor>>;
  async run(
    input: PictureInput | readonly PictureInput[],
    options: RunOptions | RunOnGpuOptions = {},
  ): Promise<Record<string, TensorValues> | Record<string, GpuTensor>> {
    this.#internals.expectAlive();
    const { run } = await import("./run.ts");
    return run(this.#internals, input, options);
  }

  /**
   * Where a picture raises a class, a loss or one neuron: Grad-CAM, occlusion, or a gradient down to a layer, a parameter or the pixels. Throws a TypeError for a wrong
   * option, and for a class, layer or parameter that the network does not have.
   */
  async explain(picture: PictureInput, options: ExplainOptions = {}): Promise<Explanation> {
    this.#internals.expectAlive();
    const { explain } = await import("./explain.ts");
    return explain(this.#internals, picture, options);
  }

  /**
   * Writes the network with its weights, class names and mean: as .safetensors, which `load` reads, as .caffemodel (weights alone) or as .onnx, by the path's
   * ending. A file in Node, one of the origin's private file system in a browser. Throws where it cannot be written.
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    this.#internals.expectAlive();
    const { save } = await import("./save.ts");
    return save(this.#internals, path, options);
  }

  /** Frees its memory on the device. The network cannot be used after that. */
  dispose(): void {
    this.#disposed = true;
    for (const part of this.#internals.owned) part.dispose();
    this.#internals.owned.clear();
  }

  /** The same as `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The internals of a network. Throws a TypeError for anything that `load` did not return. */
export const networkInternals = (net: Classifier): NetworkInternals => Classifier.internalsOf(net);
