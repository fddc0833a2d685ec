// The weights that BVLC publishes: where, and what identifies them (BVLC/caffe, models/bvlc_googlenet/readme.md and models/bvlc_alexnet/readme.md).

export interface PublishedWeights {
  readonly title: string;
  /** Where they are published. */
  readonly url: string;
  /** SHA-1 of the file, in hexadecimal. */
  readonly sha1: string;
  /** Bytes of the file; null where only a limit is known. */
  readonly bytes: number | null;
}

const at = (file: string): string => `http://dl.caffe.berkeleyvision.org/${file}`;

/** By network. */
export const PUBLISHED_WEIGHTS = {
  googlenet: {
    title: "BVLC GoogLeNet",
    url: at("bvlc_googlenet.caffemodel"),
    sha1: "405fc5acd08a3bb12de8ee5e23a96bec22f08204",
    bytes: 53_533_754,
  },
  alexnet: {
    title: "BVLC AlexNet",
    url: at("bvlc_alexnet.caffemodel"),
    sha1: "9116a64c0fbe4459d18f4bb6b56d647b63920377",
    bytes: null,
  },
} as const satisfies Readonly<Record<string, PublishedWeights>>;
