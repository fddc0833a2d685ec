// A network with its weights, ready to classify pictures. The readers of weights are loaded on first use.
import { squashPicture, type Picture } from "../dataset/image.ts";
import type { Network } from "../models/network.ts";
import { storedSize } from "../train/graphs.ts";
import { Scorer } from "../train/scorer.ts";
import { internalsOf, type Device } from "./device.ts";
import { readSource, type Source } from "./host.ts";

export interface LoadOptions {
  /** Names of the classes in the order of their indices. Default: the file's, else ImageNet's where there are 1000, else "class 0", "class 1", ... */
  readonly labels?: readonly string[];
  /** AlexNet's mean image (imagenet_mean.binaryproto). Default: the file's, else ImageNet's mean pixel. */
  readonly mean?: Source;
}

/** One class and the probability that the network gives it. */
export interface Guess {
  readonly index: number;
  readonly label: string;
  readonly score: number;
}

export class Classifier {
  readonly labels: readonly string[];
  readonly #scorer: Scorer;

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
    return new Classifier(trained.classes, await Scorer.open(engine, trained, { batch: 1, ...sessionOptions }));
  }

  private constructor(labels: readonly string[], scorer: Scorer) {
    this.labels = labels;
    this.#scorer = scorer;
  }

  /** The most probable classes, best first: the picture squashed to a square and cropped in the middle, as Caffe's tools do. */
  async classify(image: Picture, { top = 5 }: { readonly top?: number } = {}): Promise<Guess[]> {
    const { topK, scorePictures } = await import("../train/evaluate.ts");
    const { network, size } = this.#scorer.options;
    const [scores] = await scorePictures(this.#scorer, [squashPicture(image, storedSize(network, size))]);
    return topK(scores, this.labels, top).map(({ p, ...guess }) => ({ ...guess, score: p }));
  }

  /** Frees its memory on the device. */
  dispose(): void {
    this.#scorer.dispose();
  }
}
