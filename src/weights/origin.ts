// The origin of weights: a value in every run and table, so that "pretrained" is always precise.
// BVLC's files are recognized by the SHA-1 that Caffe's model zoo publishes; their values in other containers by a hash of the values.
import { sha256Hex } from "../tensor/sha256.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { readWeights } from "./load.ts";
import { layerOf } from "./names.ts";
import { PUBLISHED_WEIGHTS } from "./published.ts";
import { looksLikeSafetensors, readSafetensors } from "./safetensors.ts";

/** A run's record of the weights that it makes. */
export type MadeWeights =
  /** Pretraining on images drawn by formula. Never ImageNet. */
  | { readonly kind: "fractal"; readonly categories: number; readonly instances: number; readonly seed: number }
  /** Training on cases, and the origin of its initial weights. */
  | { readonly kind: "run"; readonly from: WeightsOrigin };

export type WeightsOrigin =
  /** Fillers only: untrained. */
  | { readonly kind: "none" }
  | (MadeWeights & Hashed)
  /**
   * BVLC's reference models, trained on ImageNet. `file`: byte for byte the published one; `values`: the model's values in another container;
   * `near`: values that were compressed on the way and differ a little.
   */
  | ({ readonly kind: "imagenet-bvlc"; readonly title: string; readonly likeness: "file" | "values" | "near" } & Hashed)
  | ({ readonly kind: "unknown file" } & Hashed);

interface Hashed {
  /** The file's SHA-256, in hexadecimal. */
  readonly sha256: string;
}

/** Titles of the published files by their SHA-1. */
const PUBLISHED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(PUBLISHED_WEIGHTS).map(({ sha1, title }) => [sha1, title]),
);

/** `hashValues` of weights that others have published from BVLC's models. They were not compared with BVLC's own files. */
const REPUBLISHED: Readonly<Record<string, { readonly title: string; readonly likeness: "values" | "near" }>> = {
  "4589a5a48da40ced18dd92cb00bfca95b120fa1059fc246de576ff6193959e68": {
    title: "BVLC GoogLeNet as chaosmail/caffejs publishes it, without auxiliary heads",
    likeness: "values",
  },
  "403afa3c758992a777501cbc9e339468ddc812f0be7de3c465209100063a4e94": {
    title: "BVLC AlexNet's five convolutions as CAS-CLab/quantized-cnn publishes them, product-quantised",
    likeness: "near",
  },
};

/** Key of a `MadeWeights` in a file's metadata, as JSON. */
export const MADE = "made";

/** Where a file of weights comes from, as far as its bytes show. Throws, naming the file, what `readWeights` throws. */
export async function originOf(bytes: Uint8Array, file: string, auxiliary: readonly string[]): Promise<WeightsOrigin> {
  const sha256 = sha256Hex(bytes);
  const published = PUBLISHED[await sha1Hex(bytes)];
  if (published !== undefined) return { kind: "imagenet-bvlc", title: published, likeness: "file", sha256 };
  const made = looksLikeSafetensors(bytes) ? parseMade(readSafetensors(bytes, file).metadata[MADE]) : null;
  if (made) return { ...made, sha256 };
  const republished = REPUBLISHED[hashValues(readWeights(bytes, file), auxiliary)];
  return republished ? { kind: "imagenet-bvlc", ...republished, sha256 } : { kind: "unknown file", sha256 };
}

/** Computed by the platform: nothing else here needs SHA-1. */
async function sha1Hex(bytes: Uint8Array): Promise<string> {
  const { buffer, byteOffset, byteLength } = bytes;
  // A digest takes no shared memory, which no file is read into.
  if (!(buffer instanceof ArrayBuffer)) throw new Error("internal: the bytes of a file lie in shared memory");
  const digest = await crypto.subtle.digest("SHA-1", new Uint8Array(buffer, byteOffset, byteLength));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of a network's values, independent of the container: names sorted, each with the hash of its float32 values; layers `auxiliary` are left out. */
export function hashValues(weights: ReadonlyMap<string, Tensor>, auxiliary: readonly string[]): string {
  const names = [...weights.keys()].filter((name) => !auxiliary.includes(layerOf(name))).sort();
  const lines = names.map((name) => {
    const { buffer, byteOffset, byteLength } = (weights.get(name) as Tensor).data;
    return `${name} ${sha256Hex(new Uint8Array(buffer, byteOffset, byteLength))}\n`;
  });
  return sha256Hex(lines.join(""));
}

/** Null if the metadata is not Striatum's: the file comes from elsewhere. */
function parseMade(json: string | undefined): MadeWeights | null {
  if (json === undefined) return null;
  try {
    const made: unknown = JSON.parse(json);
    return isMade(made) ? made : null;
  } catch {
    return null;
  }
}

const LIKENESS = {
  file: "the published file, by its SHA-1",
  values: "its values in another container, by their hash; not compared with the published file",
  near: "near its values, not equal",
} as const;

/** Runs that started from runs, each within the next. */
const MOST_RUNS = 100;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

function isMade(value: unknown, runs = 0): value is MadeWeights {
  if (!isFields(value)) return false;
  if (value["kind"] === "fractal") return ["categories", "instances", "seed"].every((key) => Number.isSafeInteger(value[key]));
  return value["kind"] === "run" && runs < MOST_RUNS && isOrigin(value["from"], runs + 1);
}

/** Whether a value has all that `describeOrigin` says of its kind. */
export function isOrigin(value: unknown, runs = 0): value is WeightsOrigin {
  if (!isFields(value)) return false;
  const { kind, sha256, title, likeness } = value;
  if (kind === "none") return true;
  if (typeof sha256 !== "string") return false;
  if (kind === "imagenet-bvlc")
    return typeof title === "string" && typeof likeness === "string" && Object.keys(LIKENESS).includes(likeness);
  return kind === "unknown file" || isMade(value, runs);
}

/** One phrase for tables and logs: "fractal-pretrained (24 categories, 100 images each, seed 0; not ImageNet)". */
export function describeOrigin(origin: WeightsOrigin): string {
  switch (origin.kind) {
    case "none":
      return "untrained (fillers)";
    case "fractal":
      return `fractal-pretrained (${origin.categories} categories, ${origin.instances} images each, seed ${origin.seed}; not ImageNet)`;
    case "imagenet-bvlc":
      return `ImageNet-pretrained: ${origin.title} (${LIKENESS[origin.likeness]}; SHA-256 ${origin.sha256.slice(0, 12)})`;
    case "run":
      return `a run of striatum (SHA-256 ${origin.sha256.slice(0, 12)}), initially ${describeOrigin(origin.from)}`;
    default:
      return `a file of unknown origin (SHA-256 ${origin.sha256.slice(0, 12)})`;
  }
}
