// Synthetic pictures as samples to train on: fractals, and slices of head phantoms. Each is drawn when it is asked for, a function of the options alone, to the
// same bits in Node and in a browser.
import { fractalImages } from "../fractals/images.ts";
import { renderCase, type PhantomCase } from "../phantoms/case.ts";
import { makeCohort } from "../phantoms/cohort.ts";
import { applyWindow } from "../dicom/window.ts";
import { expectOptions, oneOf, whole } from "./check.ts";
import type { PixelData } from "./pictures.ts";

/** A synthetic picture with its class. */
export interface SyntheticSample {
  /** The picture, of one channel. */
  readonly image: PixelData;
  /** Name of its class. */
  readonly label: string;
  /** Whose picture it is: each fractal is its own, the slices of one synthetic patient share theirs. */
  readonly patient: string;
}

/** Synthetic samples. Iterating draws them one by one; `[...samples]` draws all, for `openTrainer` to hold in memory, and as it is `openTrainer` takes them as they come. */
export interface SyntheticSamples extends Iterable<SyntheticSample>, AsyncIterable<SyntheticSample> {
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** Number of samples. */
  readonly length: number;
  /** Draws a sample, from 0. Throws a RangeError where there is none. */
  at(index: number): SyntheticSample;
}

/** Which fractals are drawn. */
export interface FractalSampleOptions {
  /** Seed of all categories, a whole number. Default 0. */
  readonly seed?: number;
  /** Number of classes, from 2: each is an iterated function system. Default 8. */
  readonly categories?: number;
  /** Pictures of each class. Default 50. */
  readonly instances?: number;
  /** Pictures of each class before the first: sets with other pictures have none in common. Default 0. */
  readonly from?: number;
  /** "upright": turned by less than 17 degrees and brighter than the background, which small networks learn in some hundred steps. "any": turned, mirrored, darker or brighter. Default "upright". */
  readonly poses?: "any" | "upright";
  /** Side of the pictures in pixels, from 8. Default 73: what a network of 64 pixels cuts its crops from. */
  readonly size?: number;
}

/** Which synthetic patients are drawn, and what of them. */
export interface PhantomSampleOptions {
  /** Seed of all patients, a whole number. Default 0. */
  readonly seed?: number;
  /** Patients of the cohort, 6 to 9999, a part of which each split has. Default 60. */
  readonly cases?: number;
  /** Whose slices: those to train on, to validate on, to test on. Default "train". */
  readonly split?: "train" | "val" | "test";
  /** Slices of each patient around the one that shows most of a bleeding, or around the middle of the basal ganglia; 1 to 5. Default 1. */
  readonly slices?: number;
}

const LABELS = ["none", "left", "right"] as const;

/**
 * Fractal pictures with labels: formula-driven supervision (Kataoka et al. 2020). The labels are "fractal 0" and so on; sample i is of class i modulo `categories`.
 * Throws a TypeError or RangeError for wrong options.
 */
export function fractals(options: FractalSampleOptions = {}): SyntheticSamples {
  const whole0 = whole(0);
  const kinds = { seed: whole0, categories: whole(2), instances: whole(1), from: whole0, poses: oneOf("any", "upright"), size: whole(8) };
  expectOptions("fractals", options, kinds);
  const { seed = 0, categories = 8, instances = 50, from = 0, poses = "upright", size = 73 } = options;
  const images = fractalImages({ seed, categories, instances, from, poses, size });
  return samplesOf(images.classes, images.length, (index) => {
    const label = images.classes[images.labels[index]];
    return { image: images.draw(index), label, patient: `${label}, picture ${from + Math.floor(index / categories)}` };
  });
}

/**
 * Slices of synthetic head CTs, 256 pixels, through the window of 0 to 80 Hounsfield units that shows brain and fresh blood. The labels are "none", "left" and "right":
 * the patient's side on which a bleeding lies. Everything about them is synthetic. Throws a TypeError for wrong options.
 */
export function phantoms(options: PhantomSampleOptions = {}): SyntheticSamples {
  const kinds = { seed: whole(0), cases: whole(6), split: oneOf("train", "val", "test"), slices: whole(1) };
  expectOptions("phantoms", options, kinds);
  const { seed = 0, cases = 60, split = "train", slices = 1 } = options;
  if (slices > MOST_SLICES) throw new RangeError(`phantoms: slices must be 1 to ${MOST_SLICES}, got ${slices}`);
  const patients = makeCohort({ cases, seed, kind: "quick" }).filter((spec) => spec.split === split);
  // Making a patient takes as long as drawing a slice; its slices are mostly drawn one after another.
  let made: { readonly index: number; readonly phantom: PhantomCase } | null = null;
  return samplesOf(LABELS, patients.length * slices, (index) => {
    const patient = Math.floor(index / slices);
    if (made?.index !== patient) made = { index: patient, phantom: renderCase(patients[patient]) };
    const { scanner, truth, spec } = made.phantom;
    const first = Math.min(Math.max(0, truth.sliceIndex - Math.floor(slices / 2)), scanner.slices.length - slices);
    const { hu, rows, columns } = made.phantom.slice(first + (index % slices));
    return {
      image: { width: columns, height: rows, channels: 1, data: applyWindow(hu) },
      label: spec.side,
      patient: `${spec.patient} (synthetic)`,
    };
  });
}

/** The quick phantoms' slabs have seven slices at least. */
const MOST_SLICES = 5;

function samplesOf(labels: readonly string[], length: number, draw: (index: number) => SyntheticSample): SyntheticSamples {
  const at = (index: number): SyntheticSample => {
    if (!Number.isInteger(index) || index < 0 || index >= length)
      throw new RangeError(`at: expected a whole number from 0 to ${length - 1}, got ${index}`);
    return draw(index);
  };
  return {
    labels,
    length,
    at,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) yield at(index);
    },
    async *[Symbol.asyncIterator]() {
      for (let index = 0; index < length; index++) yield at(index);
    },
  };
}
