// A network with its weights, ready to say what a picture shows. What reads weights is loaded when some are.
import type { Picture } from "../dataset/image.ts";
import type { Network } from "../models/network.ts";
import { storedSize } from "../train/graphs.ts";
import type { ImageSettings } from "../train/image-settings.ts";
import type { TrainedNetwork } from "../train/pretrained.ts";
import { Scorer } from "../train/scorer.ts";
import { internalsOf, type Device } from "./device.ts";
import { readSource, type Source } from "./host.ts";
import { expectPicture } from "./image.ts";

/** Options of `load`. */
export interface LoadOptions {
  /** Names of the classes in the order of their indices. Default: the file's, else ImageNet's where there are 1000, else "class 0", "class 1" and so on. */
  readonly labels?: readonly string[];
  /** AlexNet's mean image (imagenet_mean.binaryproto). Default: the file's, else ImageNet's mean pixel. */
  readonly mean?: Source;
}

/** Options of `classify`. */
export interface ClassifyOptions {
  /** Number of classes to return, a whole number from 1; all of them where there are fewer. Default 5. */
  readonly top?: number;
}

/** One class and the probability that the network gives it. */
export interface Guess {
  /** Index of the class, from 0. */
  readonly index: number;
  /** Name of the class. */
  readonly label: string;
  /** Probability, 0 to 1. Those of all classes add up to 1. */
  readonly score: number;
}

/** A network with its weights on a device, for inference. `load` of a network makes it. */
export class Classifier {
  /** Names of the classes in the order of their indices. */
  readonly labels: readonly string[];
  readonly #scorer: Scorer;
  readonly #images: ImageSettings;
  #disposed = false;

  /** @internal Reads a .caffemodel or .safetensors file; classes, width and size are the file's. Throws, naming it, if it is not this network's. */
  static async load(device: Device, network: Network, source: Source, { labels, mean }: LoadOptions = {}): Promise<Classifier> {
    const { engine, sessionOptions } = internalsOf(device);
    const [{ readPretrained }, { withClassNames }, { readBinaryproto }] = await Promise.all([
      import("../train/pretrained.ts"),
      import("../train/class-names.ts"),
      import("../weights/caffemodel.ts"),
    ]);
    const meanFile = mean && (await readSource(engine.platform, mean));
    const trained = await withClassNames(
      readPretrained(network, await readSource(engine.platform, source), {
        ...(labels && { labels }),
        ...(meanFile && { mean: readBinaryproto(meanFile.bytes, meanFile.file) }),
      }),
    );
    return new Classifier(trained, await Scorer.open(engine, trained, { batch: 1, ...sessionOptions }));
  }

  private constructor({ classes, images }: TrainedNetwork, scorer: Scorer) {
    this.labels = classes;
    this.#images = images;
    this.#scorer = scorer;
  }

  /**
   * The likeliest classes of a picture, best first. If the network was trained on images cut to the head, the picture is cut, too. Then it is squashed to a
   * square and cropped in the middle, as Caffe's tools do. Throws a TypeError for anything but a picture, a RangeError for a wrong `top`, and an Error once
   * the network or its device was disposed.
   */
  async classify(image: Picture, options: ClassifyOptions = {}): Promise<Guess[]> {
    const { top = 5 } = options;
    if (this.#disposed) throw new Error("this network was disposed: load it again");
    expectPicture(image);
    if (!(Number.isInteger(top) && top >= 1)) throw new RangeError(`top must be a whole number from 1, got ${top}`);
    const [{ topK, scorePictures }, { cropToHead }, { pictureOf }] = await Promise.all([
      import("../train/evaluate.ts"),
      import("../dataset/head-crop.ts"),
      import("../dataset/image.ts"),
    ]);
    const { network, size } = this.#scorer.options;
    const { headCrop, windowHu } = this.#images;
    const [scores] = await scorePictures(this.#scorer, [pictureOf(cropToHead(image, headCrop), storedSize(network, size), windowHu)]);
    return topK(scores, this.labels, top).map(({ p, ...guess }) => ({ ...guess, score: p }));
  }

  /** Frees its memory on the device. The network cannot be used after that. */
  dispose(): void {
    this.#disposed = true;
    this.#scorer.dispose();
  }
}
