// Options of the study's commands, and the resulting study: a new protocol, or the one in a folder.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { HuWindow } from "../dicom/window.ts";
import type { Files, Platform } from "../platform/platform.ts";
import { openCohort } from "../study/jobs/cohort.ts";
import { MODEL_IDS, PROFILES, type ModelId, type NetworkName, type Pretraining, type Profile } from "../study/protocol.ts";
import { cohortOf, FEWEST_CASES, protocolOf, RECIPE_PARTS, usualSeeds, type RecipePart } from "../study/profiles.ts";
import { folderCohort, startFiles, withPictures } from "../study/study-parts.ts";
import { fixStudy, hasStudy, readStudy, type Sources, type Study } from "../study/study-folder.ts";
import { networkNamed } from "../models/index.ts";
import { describeExternal, openExternal, refuseShared } from "../study/jobs/external.ts";
import { given } from "./given.ts";
import { shippedWeights } from "./shipped-weights.ts";
import { caseProgress, openProgress } from "./progress.ts";
import { share, slicesOption, whole, windowOption } from "./options.ts";

type WeightsKey = `weights${Capitalize<NetworkName>}`;

export interface StudyOptions extends Readonly<Partial<Record<WeightsKey, string>>> {
  readonly out: string;
  readonly profile?: Profile;
  readonly seeds?: number[];
  readonly models?: ModelId[];
  readonly cases?: number;
  readonly cohortSeed?: number;
  readonly iterations?: number;
  readonly average?: number;
  readonly mirrorScores?: boolean;
  readonly without?: RecipePart[];
  readonly pretrainingEpochs?: number;
  readonly data?: string;
  readonly finding?: string;
  readonly external?: string;
  readonly splitSeed?: number;
  readonly window?: HuWindow;
  readonly slices?: "one" | "band" | number;
  readonly slab?: boolean;
  readonly jobs?: number;
  readonly endWithStdin?: boolean;
  readonly scoreAgain?: boolean;
  readonly json?: boolean;
}

/** The networks of the study's models. */
const NETWORKS = [...new Set(MODEL_IDS.map((id) => id.split("-")[0] as NetworkName))];

/** What commander makes of --weights-NETWORK. */
const weightsKey = (network: NetworkName): WeightsKey => `weights${network[0].toUpperCase()}${network.slice(1)}` as WeightsKey;

export const outOption = (): Option =>
  new Option("--out <dir>", "folder of the study; an unfinished study is resumed").default("runs/study");

/** Options that define the protocol; needed once, as the folder stores it. */
export function addProtocolOptions(command: Command): Command {
  command
    .addOption(outOption())
    .addOption(
      new Option(
        "--profile <name>",
        "quick: small networks, minutes on two cores; reduced: full width at 128 pixels, hours; paper: full size, from BVLC's weights (default: quick)",
      ).choices(PROFILES),
    )
    .option("--seeds <list>", "each model is trained once per seed (default: 0,1,2 for quick, else 0)", seedList)
    .option("--models <list>", `models, separated by commas (default: all): ${MODEL_IDS.join(", ")}`, modelList)
    .option("--cases <n>", "synthetic patients (default: 170)", whole(FEWEST_CASES))
    .option("--cohort-seed <n>", "seed of the synthetic patients (default: 0)", whole(0))
    .option("--iterations <n>", "training steps per model (default: the profile's)", whole(1))
    .option(
      "--average <share>",
      "keep the mean of the weights at the looks of this last share of a run, such as 0.25 (default: off)",
      share,
    )
    .option("--mirror-scores", "score each slice mirrored, too, with left and right swapped, and average the two")
    .option(
      "--without <parts>",
      `leave out parts of the recipe, separated by commas, to see what they give: ${RECIPE_PARTS.join(", ")}`,
      partList,
    )
    .option("--pretraining-epochs <n>", "epochs of pretraining on fractals (default: the profile's)", whole(1))
    .option("--data <dir>", "your own cases in place of synthetic ones: folder with manifest.csv (path,label,side,patient,split)")
    .option(
      "--finding <name>",
      'name of the finding in the report (default: "hemorrhage, as the list says"; of synthetic cases "basal ganglia hemorrhage")',
      findingName,
    )
    .option("--external <dir>", "a second cohort that the trained models score besides; also of a finished study")
    .option("--split-seed <n>", "seed of the split by patient, if the manifest has no splits (default: 0)", whole(0))
    .option("--window <c/w>", "grey-level window in Hounsfield units (default: 40/80)", windowOption)
    .option("--slices <n>", "slices of a series around the basal ganglia: one, band or a number (default: the profile's)", slicesOption)
    .option("--slab", "your series are slabs around the basal ganglia");
  for (const network of NETWORKS) {
    const { title } = networkNamed(network);
    command.option(`--weights-${network} <file>`, `weights that pretrained models of ${title} start from (.caffemodel or .safetensors)`);
  }
  return command;
}

const LONGEST_NAME = 80;

function findingName(text: string): string {
  const name = text.trim();
  if (name === "" || name.length > LONGEST_NAME || !/^[\p{L}\p{N}\p{P}\p{Zs}]+$/u.test(name))
    throw new InvalidArgumentError(`expected 1 to ${LONGEST_NAME} letters, digits and signs.`);
  return name;
}

function seedList(text: string): number[] {
  const seeds = text.split(",").map(whole(0));
  if (new Set(seeds).size < seeds.length) throw new InvalidArgumentError("a seed occurs twice.");
  return seeds;
}

const modelList = (text: string): ModelId[] => listOf("model", MODEL_IDS, text);
const partList = (text: string): RecipePart[] => listOf("part of the recipe", RECIPE_PARTS, text);

/** Names separated by commas, each one of the known. */
function listOf<T extends string>(what: string, known: readonly T[], text: string): T[] {
  return text.split(",").map((name) => {
    const found = known.find((one) => one === name.trim());
    if (found === undefined) throw new InvalidArgumentError(`there is no ${what} "${name.trim()}": choose from ${known.join(", ")}.`);
    return found;
  });
}

/** Options that the protocol is made of; where none is given, a folder's own protocol holds. */
const FIXING = [
  "profile",
  "seeds",
  "models",
  "cases",
  "cohortSeed",
  "iterations",
  "average",
  "mirrorScores",
  "without",
  "pretrainingEpochs",
  "data",
  "finding",
  "splitSeed",
  "window",
  "slices",
  "slab",
  ...NETWORKS.map(weightsKey),
] satisfies readonly (keyof StudyOptions)[];

/** The study of a folder: defined now by the options, or the stored one without options. */
export async function openStudy(platform: Platform, options: StudyOptions): Promise<Study> {
  const { files } = platform;
  const { out } = options;
  const { external: second } = options;
  if (FIXING.every((key) => options[key] === undefined) && (await hasStudy(files, out))) {
    const known = await readStudy(files, out);
    return second === undefined ? known : fixStudy(files, out, await withExternal(platform, known, second));
  }
  const study = await studyOf(files, options);
  // Cases that cannot be judged are refused before there is a study.
  const checked = study.sources.data === null ? study : await withCases(platform, study, study.sources.data);
  return fixStudy(files, out, second === undefined ? checked : await withExternal(platform, checked, second));
}

/** The study with a second cohort. Cases that cannot be judged, and cases of the study's own folder, are refused now. */
async function withExternal(platform: Platform, study: Study, external: string): Promise<Study> {
  const { protocol, sources } = study;
  const { fingerprints } = await openExternal(platform, external, protocol, protocol.models[0].network);
  if (sources.data !== null) {
    const own = await openCohort(platform, sources.data, protocol);
    await refuseShared(platform, external, fingerprints, own.fingerprints);
  }
  return { protocol, sources: { ...sources, external }, external: await describeExternal(platform, external) };
}

/** The study with what its protocol says of the images. */
async function withCases(platform: Platform, study: Study, data: string): Promise<Study> {
  const { protocol } = study;
  const progress = openProgress({ json: false });
  const { cases } = await openCohort(platform, data, protocol, { onCase: caseProgress(progress) }).finally(() => progress.end());
  return withPictures(study, cases);
}

async function studyOf(files: Files, options: StudyOptions): Promise<Study> {
  const {
    profile = "quick",
    models,
    iterations,
    average,
    mirrorScores,
    without,
    pretrainingEpochs,
    data,
    finding,
    cases,
    cohortSeed,
  } = options;
  const { window: windowHu, slices, slab, seeds = usualSeeds(profile) } = options;
  if (data !== undefined && (cases !== undefined || cohortSeed !== undefined))
    throw new Error("--cases and --cohort-seed are for synthetic patients, --data is for your own: use one or the other");
  const own = data === undefined ? null : await folderCohort(files, data, options.splitSeed ?? 0);
  const weights = given(Object.fromEntries(NETWORKS.map((network) => [network, options[weightsKey(network)]])));
  const sources: Sources = { data: data ?? null, weights };
  // The quick networks' weights ship; with a number of epochs they are made anew for each seed.
  const shipped = profile === "quick" && pretrainingEpochs === undefined && Object.keys(weights).length === 0;
  const protocol = protocolOf(profile, {
    cohort: own?.cohort ?? cohortOf(profile, given({ cases, seed: cohortSeed })),
    images: given({ windowHu, slices, slab }),
    ...given({ classes: own?.classes, finding, seeds, models, iterations, average, mirrorScores, without, pretrainingEpochs }),
    ...given({ weights: shipped ? await shippedFiles(files) : await startFiles(files, weights, profile) }),
  });
  return { protocol, sources };
}

async function shippedFiles(files: Files): Promise<Extract<Pretraining, { kind: "file" }> | undefined> {
  const known = await startFiles(files, Object.fromEntries(NETWORKS.map((network) => [network, shippedWeights(network)])), "quick");
  return known && { ...known, shipped: true };
}
