// The cases shown for a model: its errors, the most confident first, and some correct calls, each with the slice of the highest probability of
// hemorrhage and its Grad-CAM map. Scores are not computed here; the threshold is the one from validation.
import type { Dataset } from "../../dataset/dataset.ts";
import { squash, type Picture, type Image } from "../../dataset/image.ts";
import type { Engine } from "../../engine/engine.ts";
import { likeliestClass } from "../../statistics/confusion.ts";
import { youdenPoint } from "../../statistics/roc.ts";
import { gradCam, type Heat } from "../../train/grad-cam.ts";
import type { TrainedNetwork } from "../../train/pretrained.ts";
import type { ScoredCase } from "../analysis/result.ts";
import type { Predictions } from "../predictions.ts";
import type { GalleryCase } from "../report/input.ts";

/** A case of a gallery, its finding not yet named. */
export type Unexplained = Omit<GalleryCase, "finding">;

const WRONG = 16;
/** Correct answers per class. */
const RIGHT = 2;
/** Heat is as coarse as the map it comes from; more pixels would only fill the report. */
const HEAT_SIDE = 48;

const isPositive = ({ label }: ScoredCase): boolean => label !== "none";

/** Log-odds above which a case is called positive; null where validation holds one class only. */
function thresholdOf({ val }: Predictions): number | null {
  const labels = val.map((item) => (isPositive(item) ? 1 : 0));
  if (!labels.includes(0) || !labels.includes(1)) return null;
  return youdenPoint(
    val.map(({ score }) => score),
    labels,
  ).threshold;
}

/** The most confident errors, then the most confident correct calls of each class. */
function chooseCases(test: readonly ScoredCase[], threshold: number): ScoredCase[] {
  const isWrong = (item: ScoredCase): boolean => item.score >= threshold !== isPositive(item);
  const surest = [...test].sort((a, b) => Math.abs(b.score - threshold) - Math.abs(a.score - threshold) || a.case - b.case);
  const right = surest.filter((item) => !isWrong(item));
  return [
    ...surest.filter(isWrong).slice(0, WRONG),
    ...right.filter(isPositive).slice(0, RIGHT),
    ...right.filter((item) => !isPositive(item)).slice(0, RIGHT),
  ];
}

/** A gallery of held-out cases; empty where no threshold could be chosen. Findings are added by the caller. */
export async function makeGallery(
  engine: Engine,
  trained: TrainedNetwork,
  held: Dataset,
  predictions: Predictions,
): Promise<Unexplained[]> {
  const threshold = thresholdOf(predictions);
  if (threshold === null) return [];
  const images = held.images("test");
  const chosen = chooseCases(predictions.test, threshold);
  const views: { item: ScoredCase; picture: Picture; class: number }[] = [];
  for (const item of chosen) {
    // Of several findings, the most probable is asked for.
    const [, ...findings] = item.probabilities;
    const at = held.cases.findIndex(({ index }) => index === item.case);
    for (let i = 0; i < images.length; i++) {
      if (images.cases[i] === at) views.push({ item, picture: await images.read(i), class: 1 + likeliestClass(findings) });
    }
  }
  const heats = await gradCam(engine, trained, views);
  return chosen.map((item): Unexplained => {
    const own = views.flatMap((view, i) => (view.item === item ? [{ ...view, ...heats[i] }] : []));
    const best = own.reduce((most, view) => (view.p[0] < most.p[0] ? view : most));
    const probability = 1 / (1 + Math.exp(-item.score));
    return {
      case: item.case,
      label: item.label,
      said: trained.classes[likeliestClass(item.probabilities)],
      probability,
      threshold: 1 / (1 + Math.exp(-threshold)),
      picture: best.picture,
      heat: coarse(best, best.picture.width),
    };
  });
}

/** The heat in [0, 1], its largest value being 1. */
function coarse({ heat }: Pick<Heat, "heat">, side: number): NonNullable<GalleryCase["heat"]> {
  const size = Math.min(side, HEAT_SIDE);
  const small = squash({ width: side, height: side, channels: 1, data: heat }, size);
  const largest = small.reduce((most, value) => Math.max(most, value), 0);
  return { width: size, height: size, channels: 1, data: small.map((value) => (largest > 0 ? value / largest : 0)) };
}

/** A gallery as text: pixels as base 64, heat as bytes of a 255th each. */
export const formatGallery = (gallery: readonly Unexplained[]): string =>
  `${JSON.stringify(
    gallery.map(({ picture, heat, ...item }) => ({
      ...item,
      picture: { ...picture, data: toBase64(picture.data) },
      heat: heat && { ...heat, data: toBase64(Uint8Array.from(heat.data, (value) => Math.round(255 * value))) },
    })),
  )}\n`;

type Stored<R extends Image> = Omit<R, "data"> & { readonly data: string };

/** What `formatGallery` has written. */
export const parseGallery = (text: string): Unexplained[] =>
  (JSON.parse(text) as (Omit<Unexplained, "picture" | "heat"> & { picture: Stored<Picture>; heat: Stored<Image> | null })[]).map(
    ({ picture, heat, ...item }) => ({
      ...item,
      picture: { ...picture, data: fromBase64(picture.data) },
      heat: heat && { ...heat, data: Float32Array.from(fromBase64(heat.data), (value) => value / 255) },
    }),
  );

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
