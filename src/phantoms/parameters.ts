// The generator's parameters, as data/phantoms.json holds them. Lengths in mm, volumes in mL, intensities in HU, angles in degrees.
// Laws follow published values where there are any (Kim 2014, Teo 2023, i-DEF 2025 for hemorrhage; Metheany 2008 for noise); the rest is ours.
import json from "../../data/phantoms.json" with { type: "json" };
import type { WritableSyntax } from "../dicom/transfer-syntax.ts";
import type { Law } from "./random.ts";

/** Patients seen in a slab, or whole heads. */
export type PatientKind = "quick" | "study";
/** `shift` is the study's patients on another scanner. */
export type CohortKind = PatientKind | "shift";
export type Side = "right" | "left" | "none";
export type Split = "train" | "val" | "test";
export type Site = "putamen" | "caudate" | "pallidum" | "thalamus" | "lobar";
/** What makes a positive easy or hard. */
export type PositiveStratum = "easy" | "medium" | "hard";
/** What a negative shows instead of a hemorrhage of the basal ganglia. */
export type NegativeStratum =
  | "normal"
  | "pallidalCalcium"
  | "faintCalcium"
  | "oldInfarct"
  | "lacunes"
  | "thalamicBleed"
  | "lobarBleed"
  | "streaks";
export type Stratum = PositiveStratum | NegativeStratum;

type Weights<Name extends string> = Readonly<Record<Name, number>>;

export interface ScannerLaws {
  readonly matrix: number;
  readonly pixelMm: Law;
  readonly fromZMm: number;
  readonly toZMm: number;
  readonly thicknessMm: Readonly<Record<string, number>>;
  /** Probabilities: thin slices below and thick ones above; a scan that ends short of the vertex; one that starts in the neck. */
  readonly twoParts: number;
  readonly vertexCut: number;
  readonly neck: number;
  readonly syntax: Partial<Weights<WritableSyntax>>;
  readonly sharpKernel: number;
  /** Added to everything but air: a scanner that is not well calibrated. */
  readonly biasHu: number;
  /** Probability of what else lies in a folder: a localizer, the same scan with a bone kernel, a dose sheet. */
  readonly extras: number;
}

export interface Parameters {
  /** Part of every UID: change it with anything that changes pictures. */
  readonly version: string;
  readonly pose: Readonly<
    Record<"ageYears" | "scale" | "elongation" | "pitchDegrees" | "rollDegrees" | "yawDegrees" | "shiftXMm" | "shiftYMm" | "warpMm", Law>
  >;
  readonly tissueHu: Readonly<Record<"white" | "cortexAboveWhite" | "striatumAboveWhite" | "thalamusAboveWhite" | "fluid" | "blood", Law>>;
  readonly strata: Readonly<Record<PositiveStratum | "thalamicBleed" | "lobarBleed", { readonly volumeMl: Law; readonly clotHu: Law }>>;
  readonly site: Weights<"putamen" | "caudate" | "pallidum">;
  /** Probabilities of findings that come with any label. */
  readonly background: Weights<"oldInfarct" | "lacunes" | "denseArtery" | "streaks" | "motion">;
  readonly mix: Readonly<
    Record<PatientKind, { readonly positive: Partial<Weights<PositiveStratum>>; readonly negative: Partial<Weights<NegativeStratum>> }>
  >;
  /** Cases by split and side, in proportion: as published, and of cohorts too small for that. */
  readonly split: Readonly<Record<"published" | "small", Readonly<Record<Split, Weights<Side>>>>>;
  readonly scanner: Readonly<Record<CohortKind, ScannerLaws>> & {
    readonly tilted: number;
    readonly tiltDegrees: Law;
    readonly noiseHu: Law;
    readonly blurMm: Law;
    readonly noiseGrainMm: Law;
    readonly cuppingHu: Law;
    readonly barHu: Law;
    readonly storage: Weights<"padded" | "unsigned12" | "signed" | "scaled">;
    readonly windows: Readonly<Record<string, number>>;
    readonly kernel: Readonly<Record<string, number>>;
  };
}

export const PARAMETERS: Parameters = json;

/** Whose patients a cohort shows. */
export const patientsOf = (kind: CohortKind): PatientKind => (kind === "shift" ? "study" : kind);
