// The input of a report. Everything is given: the report reads no file, no clock and no adapter, so equal inputs are equal pages.
import type { Picture, Image } from "../../dataset/image.ts";
import type { MetricsLine } from "../../train/run-folder.ts";
import type { Analysis, ModelScores, Split } from "../analysis/result.ts";
import type { ExternalCohort } from "../analysis/external.ts";
import type { Shortcut } from "../analysis/shortcuts.ts";
import type { Protocol } from "../protocol.ts";

export interface ReportInput {
  readonly protocol: Protocol;
  readonly analysis: Analysis;
  /** Scores of every model and seed, on validation and test: the rows of predictions.csv. */
  readonly scores: readonly ModelScores[];
  readonly cases: CaseSource;
  /** What the models reach on a second cohort; null where none was scored. */
  readonly external: ExternalCohort | null;
  /** What trivial features of the images reach; null where they were not measured. */
  readonly shortcuts: readonly Shortcut[] | null;
  readonly runs: readonly RunRecord[];
  /** The first is shown first: the best model. At most one per model. */
  readonly galleries: readonly Gallery[];
  readonly augmentation: AugmentationSheet | null;
  readonly machine: Machine;
  readonly provenance: Provenance;
}

/** Where the cases come from, and what became of the files. */
export interface CaseSource {
  readonly synthetic: boolean;
  /** One sentence. Never a path, which may hold a name. */
  readonly source: string;
  /** Who or what made the labels, and how sure they are. One or two sentences. */
  readonly reference: string;
  /** From files to assessable cases, in order; the splits follow from the analysis. */
  readonly flow: readonly FlowStep[];
  /** What is known of the cases beside their labels, by split: "age", "volume of the hemorrhage", "scanner". */
  readonly characteristics: readonly { readonly name: string; readonly of: Readonly<Partial<Record<Split, string>>> }[];
  /** What is known of single held-out cases beside their labels; empty where nothing is. */
  readonly facts: readonly CaseFacts[];
}

export interface CaseFacts {
  readonly case: number;
  /** "putamen, 4.2 mL", "calcified pallidum". */
  readonly finding: string;
  /** Of the basal ganglia hemorrhage; null where there is none. */
  readonly volumeMl: number | null;
}

export interface FlowStep {
  /** In the plural: "files read", "series picked", "assessable cases". */
  readonly what: string;
  readonly count: number;
  /** What was left out on the way here, and why. */
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
}

/** One training run: a model of one seed. */
export interface RunRecord {
  readonly model: string;
  readonly seed: number;
  readonly metrics: readonly MetricsLine[];
  /** The epoch whose weights are evaluated, as in `metrics`. */
  readonly bestEpoch: number;
  readonly steps: number;
  /** Images shown in training. */
  readonly images: number;
  readonly seconds: number;
  /** SHA-256 of the evaluated weights. */
  readonly weights: string;
}

export interface Gallery {
  readonly model: string;
  /** Every false positive and false negative, and some that are right. */
  readonly cases: readonly GalleryCase[];
  /** Null where nobody knows where the blood is. */
  readonly pointing: Pointing | null;
  /** Forward passes that the maps took. */
  readonly passes: number;
}

/** Does a map's peak lie on the clot? Of every true positive, on the slice with the highest probability. */
export interface Pointing {
  /** How far from the clot still counts, in pixels of the network's input. */
  readonly tolerance: number;
  /** Side of that input. */
  readonly side: number;
  readonly cases: readonly PointedCase[];
}

export interface PointedCase {
  readonly case: number;
  /** Does the slice show some of the clot? Where it does not, no peak can lie on it. */
  readonly visible: boolean;
  readonly occlusion: boolean;
  /** Of the map at the last convolution. */
  readonly gradCam: boolean;
  /** Share of the places that occlusion covered that count: what a peak thrown at random would reach. */
  readonly chance: number;
}

/** Ends of line segments, [x1, y1, x2, y2, ...], in pixels of a picture. */
export type Outline = readonly number[];

export interface GalleryCase {
  readonly case: number;
  readonly label: string;
  /** The most probable class. */
  readonly said: string;
  /** P(hemorrhage), and the model's threshold. */
  readonly probability: number;
  readonly threshold: number;
  /** What the network saw of the slice with the highest probability: windowed, cropped, of its own few pixels. */
  readonly picture: Picture;
  /** Occlusion map: by how much covering each place lowers the log-odds, from 0 up, of any size; null where there is none. */
  readonly map: Image | null;
  /** The largest fall, in log-odds; 0 where no place lowers them. */
  readonly fall: number;
  /** Place of the largest fall on `picture`, from 0 to 1 across and down; null where there is none. */
  readonly peak: readonly [x: number, y: number] | null;
  /** Outline of blood on `picture`; empty where it shows none, null where nobody knows. */
  readonly outline: Outline | null;
  /** The slice itself. */
  readonly slice: WholeSlice | null;
  /** The finding of the case: "putamen, 4.2 mL", "calcified pallidum"; empty where nothing is. */
  readonly finding: string;
}

/** A slice with all its pixels, cut to the head. */
export interface WholeSlice {
  readonly picture: Picture;
  readonly outline: Outline | null;
  /** Where the patient's right lies on it; null where the file does not say. */
  readonly right: "left" | "right" | null;
}

/** One training case and what augmentation makes of it. */
export interface AugmentationSheet {
  readonly case: number;
  readonly label: string;
  /** In the order of the list; the first is the case itself. `label` differs where a mirror swaps sides. */
  readonly variants: readonly { readonly name: string; readonly label: string; readonly picture: Picture }[];
}

export interface Machine {
  readonly adapter: string;
  /** Runtime, WebGPU build, toggles: versions only. */
  readonly host: Readonly<Record<string, string>>;
  /** What took how long, in order: "pretraining", "training", "analysis". */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
}

export interface Provenance {
  readonly version: string;
  /** Commit of the source; null where it is not known. */
  readonly commit: string | null;
  /** Names and SHA-256 of what went in: the cases, the split, files of weights. */
  readonly hashes: readonly { readonly name: string; readonly sha256: string }[];
  /** In order. */
  readonly commands: readonly string[];
  /** How often the test cases were scored within this study: 1, or the report says so. */
  readonly testScorings: number;
}
