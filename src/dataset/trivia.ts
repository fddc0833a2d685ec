// Features of an image that say nothing about a finding: its size, its brightness, colour, letters in its corners. Where they separate the classes, the
// cases come from different sources, and a network may learn the source.
import type { HuWindow } from "../dicom/window.ts";
import { auc } from "../statistics/roc.ts";
import { suspectsText } from "./burned-in-text.ts";
import { pictureOf, type Image } from "./image.ts";

export const FEATURES = ["width", "height", "aspect", "mean grey", "share of black", "saturation", "letters in corners"] as const;
export type Feature = (typeof FEATURES)[number];

/** A value per feature. */
export type Trivia = Readonly<Record<Feature, number>>;

/** Side of the picture on which grey and colour are measured. */
const SIDE = 96;
/** Largest grey value of 255 that counts as black. */
const BLACK = 8;

/** letters: whether the image is suspected of burned-in text, if that is known already. */
export function triviaOf(raw: Image, window: HuWindow, letters: boolean = suspectsText(raw)): Trivia {
  const { data, channels } = pictureOf(raw, SIDE, window);
  let [sum, black, colour] = [0, 0, 0];
  for (let at = 0; at < data.length; at += channels) {
    const least = channels === 1 ? data[at] : Math.min(data[at], data[at + 1], data[at + 2]);
    const most = channels === 1 ? data[at] : Math.max(data[at], data[at + 1], data[at + 2]);
    sum += channels === 1 ? most : (data[at] + data[at + 1] + data[at + 2]) / 3;
    if (most <= BLACK) black++;
    colour += most === 0 ? 0 : (most - least) / most;
  }
  const pixels = data.length / channels;
  return {
    width: raw.width,
    height: raw.height,
    aspect: raw.width / raw.height,
    "mean grey": sum / pixels,
    "share of black": black / pixels,
    saturation: colour / pixels,
    "letters in corners": letters ? 1 : 0,
  };
}

/** The mean over a case's images. */
export const meanTrivia = (images: readonly Trivia[]): Trivia =>
  Object.fromEntries(FEATURES.map((feature) => [feature, images.reduce((sum, one) => sum + one[feature], 0) / images.length])) as Trivia;

export interface Separation {
  readonly feature: Feature;
  /** Area under the ROC curve of the feature alone, in whichever direction it separates. */
  readonly auc: number;
  /** It separates more than chance and noise would: a finding hardly decides a picture's width. */
  readonly suspicious: boolean;
}

/** An area this far from chance is worth a look, if it is no accident: z of the rank sum test without ties. */
const FAR = 0.2;
const SURE = 3.1;

/** How well each feature alone separates cases with a finding from those without; empty where one kind is missing. */
export function separations(cases: readonly { readonly positive: boolean; readonly trivia: Trivia }[]): Separation[] {
  const labels = cases.map(({ positive }) => (positive ? 1 : 0));
  const positives = labels.filter((label) => label === 1).length;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const deviation = Math.sqrt((labels.length + 1) / (12 * positives * negatives));
  return FEATURES.map((feature) => {
    const area = auc(
      cases.map(({ trivia }) => trivia[feature]),
      labels,
    );
    const distance = Math.abs(area - 0.5);
    return { feature, auc: 0.5 + distance, suspicious: distance >= FAR && distance / deviation > SURE };
  });
}
