// The recipe of short runs. DIGITS' one (the reference fillers, rate 0.01, divided by 10 after each third) is for tens of thousands of steps: in a few
// hundred a network that starts from those fillers stays at the prior of the classes, and most of the steps are taken at rates of a tenth and less.
// Here the start is scaled to the data (LSUV), the rate rises first (Goyal et al. 2017), and then falls to 0 in a straight line, which does well
// whatever the number of steps (Li, Yumer and Ramanan 2020, "Budgeted training", arXiv 1905.04753).
import type { JobSettings } from "./job.ts";
import { stepsFor } from "./fit.ts";

/** Fewer steps are a short run. */
const SHORT_STEPS = 1000;
const BATCH = 16;
/** At full width. The largest rate at which a network of standard weights is stable falls as 1 over the width (Yang and Hu 2021, arXiv 2011.14522). */
const RATE = 0.0005;
const LARGEST_RATE = 0.002;
/** Share of the steps over which the rate rises. */
const WARM_UP = 0.1;

/**
 * The settings with the recipe of short runs, where the run is short: on `images` training images. With weights to start from, their own rate and
 * pixel scale stay. Null where it is not. `batch`: whether the batch is part of what may change.
 */
export function shortRun(settings: JobSettings, images: number, { batch: mayChange }: { readonly batch: boolean }): JobSettings | null {
  const { epochs, epochImages = images, weights, width } = settings;
  if (stepsFor(epochs, epochImages, settings.batch) >= SHORT_STEPS) return null;
  const batch = mayChange ? Math.min(BATCH, settings.batch) : settings.batch;
  const warmUp = Math.round(WARM_UP * stepsFor(epochs, epochImages, batch));
  const schedule = { ...settings, batch, policy: "linear", ...(warmUp > 0 && { warmUp }) } as const;
  return weights
    ? schedule
    : { ...schedule, init: "lsuv", rate: Math.min(LARGEST_RATE, RATE / width), images: { ...settings.images, pixelScale: 1 / 64 } };
}

/** The recipe in one line. */
export const shortRunLine = ({ rate, warmUp = 0, batch, weights }: JobSettings): string =>
  `a short run: ${weights ? "" : "start scaled to the data, pixels divided by 64, "}batches of ${batch}, rate ${rate} falling to 0 in a straight line` +
  `${warmUp > 0 ? ` after ${warmUp} ${warmUp === 1 ? "step" : "steps"} of warm-up` : ""}; --policy step takes DIGITS' recipe`;
