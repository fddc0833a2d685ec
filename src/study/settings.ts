// The protocol as a table: each setting, its value, and its source. What the paper's abstract (arXiv 1710.03823) does not state is
// never presented as the paper's.
import { networkNamed } from "../models/index.ts";
import { describeOrigin } from "../weights/origin.ts";
import { makeCohort } from "../phantoms/cohort.ts";
import { findingOf, picturesOf, windowText } from "./finding.ts";
import { PAPER_CASES } from "./profiles.ts";
import type { NetworkName, Protocol, Solver, StudyModel } from "./protocol.ts";

/** paper: stated in the abstract. DIGITS: a default of the front end that the senior author's related papers name. ours: chosen for this project. */
export type Source = "paper" | "DIGITS" | "ours";

export interface Setting {
  readonly setting: string;
  readonly value: string;
  readonly source: Source;
}

/** Every setting of a protocol, in the order in which a case meets them. */
export function settingsOf(protocol: Protocol): Setting[] {
  const { cohort, classes, images, width, size, augmentation, mirror, init, seeds, models, endpoints } = protocol;
  const row = (setting: string, value: string, source: Source): Setting => ({ setting, value, source });
  const networks = [...new Set(models.map(({ network }) => network))];
  const whole = networks.every((name) => width === 1 && size[name] === networkNamed(name).size);
  return [
    cohort.kind === "synthetic" && protocol.finding === undefined
      ? row("question", "basal ganglia hemorrhage on noncontrast head CT, by a 2-D network", "paper")
      : row("question", `${findingOf(protocol).name}, in the images of the cases, by a 2-D network`, "ours"),
    cohort.kind === "synthetic"
      ? row("cases", `${cohort.cases} synthetic (${cohort.phantoms} phantoms, seed ${cohort.seed}); no patient's`, "ours")
      : row("cases", `${cohort.cases} of a folder, manifest ${cohort.manifest.slice(0, 16)}`, "ours"),
    row("split by patient", splitOf(cohort), splitOf(cohort) === PAPERS ? "paper" : "ours"),
    row("classes", classes.join(", "), "ours"),
    row("window", windowText(protocol), "ours"),
    row("crop", cropText(images.headCrop), "ours"),
    row("slices of a case", slicesText(protocol), "ours"),
    row("score of a case", `${protocol.caseScore}${protocol.mirrorScores ? ", each slice as it is and mirrored" : ""}`, "ours"),
    row(
      "networks",
      networks.map((name) => networkNamed(name).title).join(", ") +
        (whole
          ? ""
          : `, at ${width === 1 ? "all" : width} of the channels and ${[...new Set(networks.map((name) => size[name]))].join(" and ")} pixels`),
      whole ? "paper" : "ours",
    ),
    row("starts of the weights", startsOf(protocol), startSource(protocol)),
    row("new weights", INITS[init], init === "reference" ? "DIGITS" : "ours"),
    row("scale of pixels", `${images.pixelScale}, after the mean is subtracted`, images.pixelScale === 1 ? "DIGITS" : "ours"),
    row("augmentation", `${augmentation.variants} variants of each training image`, "paper"),
    row("list of variants", augmentation.list, "ours"),
    row(
      "crop and mirror at random",
      mirror ? "every image shown; a mirror swaps left and right" : "crop alone",
      mirror ? "DIGITS" : "ours",
    ),
    ...networks.flatMap((network) => solverRows(network, models)),
    row(
      "choice among checkpoints",
      models.some(({ solver }) => solver.average !== undefined) ? "mean of the last looks" : protocol.choice,
      "ours",
    ),
    row("seeds", seeds.join(", "), "ours"),
    row("primary endpoint", `${endpoints.primary} on the held-out cases, scored once`, "paper"),
    row("test", `${endpoints.test}'s, paired`, "paper"),
    row("adjustment for many tests", endpoints.adjustment, "ours"),
    row("threshold", endpoints.threshold, "ours"),
    row("bootstrap", `${endpoints.plan.bootstrap.samples} resamples of patients, seed ${endpoints.plan.bootstrap.seed}`, "ours"),
  ];
}

const PAPERS = splitText(PAPER_CASES);

function splitText({ train, val, test }: Readonly<Record<"train" | "val" | "test", number>>): string {
  return `${train} to train, ${val} to validate, ${test} held out`;
}

function splitOf(cohort: Protocol["cohort"]): string {
  if (cohort.kind === "synthetic") {
    const cases = makeCohort({ ...cohort, kind: cohort.phantoms });
    const count = (split: string): number => cases.filter((item) => item.split === split).length;
    return splitText({ train: count("train"), val: count("val"), test: count("test") });
  }
  if (cohort.splitSeed === null) return "the manifest's";
  return `three fifths to train, a fifth to validate, a fifth held out, by hash of the patient, seed ${cohort.splitSeed}`;
}

/** Files count as the paper's start only where they are known to be BVLC's own values. */
function startSource({ pretraining }: Protocol): Source {
  if (pretraining?.kind !== "file") return "ours";
  const origins = Object.values(pretraining.files).map(({ origin }) => origin);
  return origins.every((origin) => origin.kind === "imagenet-bvlc" && origin.likeness !== "near") ? "paper" : "ours";
}

function startsOf({ pretraining, models }: Protocol): string {
  const starts = models.some(({ start }) => start === "untrained") ? ["untrained"] : [];
  if (pretraining?.kind === "fractal") {
    for (const [network, recipe] of Object.entries(pretraining.recipes)) {
      const { source, epochs, batch, rate } = recipe;
      starts.push(
        `${networkNamed(network).title} fractal-pretrained (${source.categories} categories, ${source.instances} images each, ${epochs} epochs in batches of ${batch}, ` +
          `rate ${rate}; not ImageNet)`,
      );
    }
  }
  if (pretraining?.kind === "file") {
    for (const [network, { origin, newLayers }] of Object.entries(pretraining.files)) {
      const fresh = newLayers.length > 0 ? `, without ${newLayers.join(", ")}` : "";
      starts.push(`${networkNamed(network).title} ${describeOrigin(origin)}${fresh}`);
    }
  }
  return starts.join(", ");
}

function solverRows(network: NetworkName, models: readonly StudyModel[]): Setting[] {
  const own = models.filter((model) => model.network === network);
  const starts = [...new Set(own.map(({ start }) => start))];
  return starts.map((start): Setting => {
    const { solver } = own.find((model) => model.start === start) as StudyModel;
    return { setting: `training of ${networkNamed(network).title}, ${start}`, value: solverText(solver), source: "ours" };
  });
}

function slicesText(protocol: Protocol): string {
  const { slices } = protocol.images;
  const count = slices === "one" ? "one" : slices === "band" ? "all within 12 mm" : `${slices} at most`;
  const text = `${count}, nearest to the centre of the basal ganglia`;
  const pictures = picturesOf(protocol);
  if (pictures === "none") return text;
  return pictures === "all" ? "all pictures of a case" : `of CT series ${text}; all pictures of a case`;
}

const cropText = (share: number | undefined): string =>
  share === undefined
    ? "the whole slice"
    : `a square around the head, its side ${share} of the longer side of the head's box; the whole slice where no head is recognised`;

const INITS = {
  reference: "the reference models' fillers",
  msra: "He et al.'s law (msra)",
  lsuv: "He et al.'s law, then scaled and centred layer by layer on 24 training images (LSUV)",
} as const;

const POLICIES = {
  fixed: "fixed",
  step: "divided by 10 after each third",
  poly: "falling to 0 as the square root of what is left",
  linear: "falling to 0 in a straight line",
} as const;

const solverText = ({ iterations, batch, validateEvery, rate, policy, warmUp, dropout, ...rest }: Solver): string =>
  `${iterations} iterations of ${batch} images, with augmentation and without; validated every ${validateEvery}; SGD, rate ${rate} (${POLICIES[policy]}${warmUp > 0 ? `, after a warm-up of ${warmUp} iterations` : ""}), ` +
  `momentum ${rest.momentum}, weight decay ${rest.weightDecay}` +
  (dropout === 1 ? "" : `, dropout ratios times ${dropout}`) +
  (rest.pixelScale === undefined ? "" : `, pixels times ${rest.pixelScale}`) +
  (rest.average === undefined ? "" : `, weights averaged over the last ${rest.average} of the run`) +
  (rest.newLayerRate === 1 ? "" : `, new layers ${rest.newLayerRate} times faster`) +
  (rest.frozen.length === 0 ? "" : `, frozen: ${rest.frozen.join(", ")}`);
