// The protocol of a study: a frozen value, fixed and hashed before the first case is drawn, written beside the results and printed in the report.
// The paper (arXiv 1710.03823) states few of its settings: settings.ts has the source of each.
import type { StudyClasses } from "../dataset/manifest.ts";
import type { HuWindow } from "../dicom/window.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import type { Policy, StartLaw } from "../train/job.ts";
import type { FractalSource } from "../train/pretrain.ts";
import type { WeightsOrigin } from "../weights/origin.ts";
import type { AnalysisPlan } from "./analysis/result.ts";

export type NetworkName = "alexnet" | "googlenet";
export type Start = "untrained" | "pretrained";

/** For example "googlenet-pretrained-augmented": network, how its weights start, what it trains on. */
export type ModelId = `${NetworkName}-${Start}-${"plain" | "augmented"}`;

/** How a model learns. Of two models that differ in augmentation alone the solvers are equal: they see the same number of images. */
export interface Solver {
  /** Steps of `batch` images. */
  readonly iterations: number;
  readonly batch: number;
  /** Iterations between two looks at the validation cases. */
  readonly validateEvery: number;
  readonly rate: number;
  readonly policy: Policy;
  /** Iterations over which the rate rises first. */
  readonly warmUp: number;
  /** Multiplies the network's dropout ratios. */
  readonly dropout: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Multiplies the rate of new layers: the last ones, where weights are loaded. */
  readonly newLayerRate: number;
  /** Layers that keep their values. */
  readonly frozen: readonly string[];
  /** In place of the images': the scale that a file of weights was made with. */
  readonly pixelScale?: number;
  /** The mean of the weights at the looks of this last share of the run is kept, in place of the weights of one look. Absent: off. */
  readonly average?: number;
}

export interface StudyModel {
  readonly id: ModelId;
  readonly network: NetworkName;
  readonly start: Start;
  readonly augmented: boolean;
  readonly solver: Solver;
}

/** Synthetic cases are drawn by src/phantoms, never patients. A folder's cases are named by what its manifest holds, not by where it lies. */
export type StudyCohort =
  | { readonly kind: "synthetic"; readonly phantoms: "quick" | "study"; readonly cases: number; readonly seed: number }
  | {
      readonly kind: "folder";
      /** SHA-256 of the manifest's cases. */
      readonly manifest: string;
      readonly cases: number;
      /** Whether all of the usable ones, or some, are pictures without DICOM: their window and sides are not known. Absent: none (or an earlier version). */
      readonly pictures?: "all" | "some";
      /** Seed of the split by patient where the manifest has none; else null. */
      readonly splitSeed: number | null;
    };

/** How a network is pretrained on fractal images. */
export interface FractalRecipe {
  /** Drawn by the seed of the model that starts from it. */
  readonly source: Omit<FractalSource, "seed">;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly policy: Policy;
  readonly warmUp: number;
}

/** A file that a network starts from. */
export interface StartFile {
  readonly origin: WeightsOrigin;
  /** Layers beside the last that the file lacks, or has for another input size: they start from their fillers and learn as fast as the last. */
  readonly newLayers: readonly string[];
  /** Factor of the pixels that the weights were made with. Absent: 1, or not recorded. */
  readonly pixelScale?: number;
}

/** Where pretrained weights come from, for each network that has pretrained models. */
export type Pretraining =
  /** Made here from fractal images (formula-driven supervision): never ImageNet. */
  | { readonly kind: "fractal"; readonly recipes: Readonly<Partial<Record<NetworkName, FractalRecipe>>> }
  | {
      readonly kind: "file";
      readonly files: Readonly<Partial<Record<NetworkName, StartFile>>>;
      /** The files are those that Striatum ships (data/weights): small networks, pretrained on fractal images. */
      readonly shipped?: true;
    };

/** Endpoints and their tests, fixed before any test case is scored. The contrasts are the paper's nine. */
export interface Endpoints {
  readonly primary: "AUC";
  readonly confidence: 0.95;
  readonly test: "DeLong";
  readonly adjustment: "Holm";
  /** Chosen on the validation cases, used on the test cases. */
  readonly threshold: "Youden on validation";
  readonly plan: AnalysisPlan;
}

export const PROFILES = ["quick", "reduced", "paper"] as const;
export type Profile = (typeof PROFILES)[number];

export interface Protocol {
  readonly format: "striatum-study-3";
  readonly profile: Profile;
  readonly cohort: StudyCohort;
  /** "none" first: the score of a case is 1 - P(none). */
  readonly classes: StudyClasses;
  /** The user's name for the finding. Absent: "basal ganglia hemorrhage" of synthetic cases, else the list's word. */
  readonly finding?: string;
  readonly models: readonly StudyModel[];
  /** Every model is trained once per seed, and each is a run of its own. */
  readonly seeds: readonly number[];
  /** Share of the papers' channels. */
  readonly width: number;
  /** Side of the networks' input in pixels, for each network. */
  readonly size: Readonly<Record<NetworkName, number>>;
  readonly images: {
    readonly windowHu: HuWindow;
    readonly slices: "one" | "band" | number;
    /** The series cover little more than the basal ganglia. */
    readonly slab: boolean;
    /** Side of the square that is cut out around the head, as a share of the longer side of the head's box. Absent: the whole image. */
    readonly headCrop?: number;
    /** Multiplies the pixels once their mean is subtracted. */
    readonly pixelScale: number;
  };
  /** How weights start that no file gives. */
  readonly init: StartLaw;
  /** Random crop and mirror of every image shown, as Caffe does; a mirror swaps left and right. */
  readonly mirror: boolean;
  /** Variants of each training image in the augmented models, and the hash of their list. */
  readonly augmentation: { readonly variants: number; readonly list: string };
  /** Absent where no model is pretrained. */
  readonly pretraining: Pretraining | null;
  readonly caseScore: "1 - P(none), mean over slices";
  /** Each slice is scored as it is and mirrored, with the sides swapped, and the two are averaged. Absent: as it is alone. */
  readonly mirrorScores?: true;
  /** Which weights of a run are kept and scored once on the test cases. The last step's need no validation cases to be chosen by. */
  readonly choice: "lowest validation loss" | "last step";
  readonly endpoints: Endpoints;
}

const modelId = (network: NetworkName, start: Start, augmented: boolean): ModelId =>
  `${network}-${start}-${augmented ? "augmented" : "plain"}`;

/** The eight models, in the order of tables: network, then start, then augmentation. */
export const MODEL_IDS: readonly ModelId[] = (["alexnet", "googlenet"] as const).flatMap((network) =>
  (["untrained", "pretrained"] as const).flatMap((start) => [modelId(network, start, false), modelId(network, start, true)]),
);

/** Sixteen hexadecimal digits that change with anything in the protocol. */
export const hashProtocol = (protocol: Protocol): string => sha256Hex(JSON.stringify(protocol), 16);
