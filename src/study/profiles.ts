// The protocols that can be run as they are: quick, minutes on two cores; reduced, full width at 128 pixels, an hour or two; paper, the full networks
// from BVLC's weights. What the paper does not state is chosen here, and settings.ts says so setting by setting.
import { VARIANTS } from "../dataset/augmentation.ts";
import { networkNamed } from "../models/index.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import type { Network } from "../models/network.ts";
import { defaultPretraining, type Pretraining as PretrainingRun } from "../train/pretrain.ts";
import {
  MODEL_IDS,
  type ModelId,
  type NetworkName,
  type Pretraining,
  type Profile,
  type Protocol,
  type Solver,
  type Start,
  type StudyCohort,
  type StudyModel,
} from "./protocol.ts";

/**
 * Parts of a profile's recipe that an ablation leaves out: the start from the data (He et al.'s law is left), the crop around the head, the rate's rise over
 * the first steps, and its fall (the rate stays as it is).
 */
export const RECIPE_PARTS = ["lsuv", "head-crop", "warm-up", "decay"] as const;
export type RecipePart = (typeof RECIPE_PARTS)[number];

export interface ProfileOptions {
  /** Default: the profile's synthetic cohort. */
  readonly cohort?: StudyCohort;
  readonly classes?: Protocol["classes"];
  readonly finding?: string;
  readonly seeds?: readonly number[];
  /** Models to train, in any order. Default: all eight. */
  readonly models?: readonly ModelId[];
  /** In place of the profile's own. */
  readonly images?: Partial<Pick<Protocol["images"], "windowHu" | "slices" | "slab">>;
  /** Files of weights in place of the profile's pretraining. */
  readonly weights?: Extract<Pretraining, { kind: "file" }>;
  /** In place of each profile's own, for experiments. */
  readonly iterations?: number;
  /** In place of each profile's own: the last share of a run whose looks are averaged. */
  readonly average?: number;
  /** Scores mirrored slices, too. */
  readonly mirrorScores?: boolean;
  /** Parts of the recipe to leave out. */
  readonly without?: readonly RecipePart[];
  /** In place of the recipes' own, for experiments. */
  readonly pretrainingEpochs?: number;
}

/** The paper's cases: 45 to train, 15 to validate, 110 held out. */
export const PAPER_CASES = { train: 45, val: 15, test: 110 } as const;
const CASES = PAPER_CASES.train + PAPER_CASES.val + PAPER_CASES.test;

/** Training seeds where none are given: claims are judged over means, and one seed is not judged. */
export const usualSeeds = (profile: Profile): readonly number[] => (profile === "quick" ? [0, 1, 2] : [0]);

/** Chooses a profile's protocol; the same options give the same value. */
export function protocolOf(profile: Profile, options: ProfileOptions = {}): Protocol {
  const { models: chosen = MODEL_IDS, seeds = [0], classes = ["none", "left", "right"], iterations, average, pretrainingEpochs } = options;
  const own = ablated(RECIPES[profile], options.without ?? []);
  const ordered = [...new Set(seeds)].sort((a, b) => a - b);
  const models = MODEL_IDS.filter((id) => chosen.includes(id)).map((id) => {
    const [network, start, data] = id.split("-") as [NetworkName, Start, "plain" | "augmented"];
    const file = start === "pretrained" ? options.weights?.files[network] : undefined;
    const { pixelScale = 1 } = file ?? {};
    const solver = {
      ...own.solver(network, file ? "file" : start),
      ...(file && pixelScale !== own.pixelScale && { pixelScale }),
      ...(average !== undefined && { average }),
    };
    return {
      id,
      network,
      start,
      augmented: data === "augmented",
      solver: iterations === undefined ? solver : shortened(solver, iterations),
    };
  });
  const pretrained = models.filter(({ start }) => start === "pretrained");
  const pretraining =
    pretrained.length === 0 ? null : (options.weights ?? (own.fractals ? fractals(pretrained, own.width, pretrainingEpochs) : null));
  if (pretrained.length > 0 && pretraining === null) throw new Error(WEIGHTS_WANTED);
  for (const { network, id } of pretrained) {
    if (pretraining?.kind === "file" && !pretraining.files[network])
      throw new Error(
        `the model ${id} starts from a file of weights: name it with --weights-${network}, or leave the model out with --models`,
      );
  }
  const { cohort = cohortOf(profile) } = options;
  return deepFreeze<Protocol>({
    format: "striatum-study-3",
    profile,
    cohort,
    classes,
    ...(options.finding !== undefined && { finding: options.finding }),
    models,
    seeds: ordered,
    width: own.width,
    size: own.size,
    images: {
      windowHu: { centerHu: 40, widthHu: 80 },
      slices: own.slices,
      slab: isSlab(cohort),
      ...options.images,
      ...(own.headCrop !== undefined && { headCrop: own.headCrop }),
      pixelScale: own.pixelScale,
    },
    init: own.init,
    mirror: true,
    augmentation: { variants: VARIANTS.length, list: sha256Hex(JSON.stringify(VARIANTS), 16) },
    pretraining,
    caseScore: "1 - P(none), mean over slices",
    ...(options.mirrorScores && { mirrorScores: true }),
    choice: own.choice,
    endpoints: {
      primary: "AUC",
      confidence: 0.95,
      test: "DeLong",
      adjustment: "Holm",
      threshold: "Youden on validation",
      plan: { classes, primarySeed: ordered[0], bootstrap: { samples: 2000, seed: 0 } },
    },
  });
}

/** A recipe without some of its parts. */
function ablated({ init, headCrop, ...recipe }: ProfileSettings, without: readonly RecipePart[]): ProfileSettings {
  const has = (part: RecipePart): boolean => !without.includes(part);
  return {
    ...recipe,
    init: init === "lsuv" && !has("lsuv") ? "msra" : init,
    ...(headCrop !== undefined && has("head-crop") && { headCrop }),
    solver: (network, start) => {
      const solver = recipe.solver(network, start);
      return { ...solver, ...(!has("warm-up") && { warmUp: 0 }), ...(!has("decay") && { policy: "fixed" }) };
    },
  };
}

/** As many validations as fit, evenly: the iterations are rounded up to a multiple of them. */
function shortened(solver: Solver, iterations: number): Solver {
  const looks = Math.max(1, Math.round(iterations / solver.validateEvery));
  const validateEvery = Math.ceil(iterations / looks);
  return { ...solver, validateEvery, iterations: looks * validateEvery };
}

/** Fewest synthetic cases of which validation and test set have some with and without a finding, the test set two of each (readiness.ts). */
export const FEWEST_CASES = 15;

/** A profile's synthetic cases: by default as many as the paper's. */
export const cohortOf = (profile: Profile, { cases = CASES, seed = 0 }: { cases?: number; seed?: number } = {}): StudyCohort => ({
  kind: "synthetic",
  phantoms: RECIPES[profile].phantoms,
  cases,
  seed,
});

const WEIGHTS_WANTED =
  "the paper profile starts its pretrained models from BVLC's ImageNet weights, which are not in this repository: pass " +
  "--weights-alexnet and --weights-googlenet (docs/study.md says where they come from), or name untrained models with --models";

/**
 * The recipes of the quick pretraining, for the networks that have pretrained models. Rates fall as 1 over the width: at full width those of a quarter
 * of the channels diverge.
 */
function fractals(pretrained: readonly Pick<StudyModel, "network">[], width: number, epochs?: number): Pretraining {
  const names = [...new Set(pretrained.map(({ network }) => network))];
  const recipes = names.map((name) => {
    const { settings, source } = quickPretraining(networkNamed(name));
    const { batch, policy, warmUp = 0 } = settings;
    const rate = (settings.rate * settings.width) / width;
    const { seed: _, ...images } = source;
    return [name, { source: images, epochs: epochs ?? settings.epochs, batch, rate, policy, warmUp }] as const;
  });
  return { kind: "fractal", recipes: Object.fromEntries(recipes) };
}

/**
 * What each network's quick pretraining learns from and how. GoogLeNet, which is slow to leave chance, gets fewer categories and more steps for its
 * images (docs/pretraining.md shows what was tried).
 */
const QUICK_RECIPES = {
  alexnet: { categories: 16, instances: 80, batch: 16, rate: 0.003 },
  googlenet: { categories: 8, instances: 100, batch: 8, rate: 0.004 },
} as const satisfies Record<NetworkName, object>;

/** A pretraining for the quick study: a quarter of the channels, 64 pixels, about half a minute on two quiet cores. Networks without a recipe take AlexNet's. */
export function quickPretraining(network: Network, seed = 0): PretrainingRun {
  const { settings } = defaultPretraining(network);
  const own = Object.entries(QUICK_RECIPES).find(([name]) => name === network.name)?.[1] ?? QUICK_RECIPES.alexnet;
  const { categories, instances, batch, rate } = own;
  return {
    settings: { ...settings, width: 0.25, size: 64, init: "lsuv", batch, epochs: 6, rate, policy: "linear", warmUp: 40, seed },
    source: { categories, instances, validation: 10, poses: "upright", seed },
  };
}

/** How large a profile's networks are. */
export const sizeOfProfile = (profile: Profile, network: NetworkName): { readonly width: number; readonly size: number } => ({
  width: RECIPES[profile].width,
  size: RECIPES[profile].size[network],
});

/** The quick phantoms are slabs around the basal ganglia. */
const isSlab = (cohort: StudyCohort): boolean => cohort.kind === "synthetic" && cohort.phantoms === "quick";

interface ProfileSettings extends Pick<Protocol, "width" | "size" | "init" | "choice"> {
  readonly phantoms: "quick" | "study";
  readonly slices: Protocol["images"]["slices"];
  readonly pixelScale: number;
  readonly headCrop?: number;
  /** Whether networks are pretrained on fractals where no files are given. */
  readonly fractals: boolean;
  /** `start`: "file" for models that start from a file of weights. */
  solver(network: NetworkName, start: Start | "file"): Solver;
}

const solverOf = (
  network: NetworkName,
  start: Start | "file",
  own: Omit<Solver, "momentum" | "weightDecay" | "newLayerRate" | "frozen" | "warmUp" | "dropout"> &
    Partial<Pick<Solver, "newLayerRate" | "frozen" | "warmUp" | "dropout">>,
): Solver => ({
  momentum: 0.9,
  weightDecay: networkNamed(network).weightDecay,
  newLayerRate: start === "untrained" ? 1 : 10,
  frozen: [],
  warmUp: 0,
  dropout: 1,
  ...own,
});

const RECIPES: Readonly<Record<Profile, ProfileSettings>> = {
  // Small networks on scaled pixels (docs/decisions/0006-quick-scale.md), which start from the data and see the head alone
  // (docs/decisions/0011-quick-recipe.md).
  quick: {
    phantoms: "quick",
    width: 0.25,
    size: { alexnet: 64, googlenet: 64 },
    slices: 3,
    headCrop: 0.85,
    init: "lsuv",
    choice: "last step",
    pixelScale: 1 / 64,
    fractals: true,
    solver: (network, start) =>
      solverOf(network, start, {
        batch: 8,
        validateEvery: 120,
        policy: "linear",
        // From fractals new layers must not run ahead: at ten times the rate AlexNet's loss stayed at chance (docs/pretraining.md).
        newLayerRate: 1,
        ...(network === "alexnet"
          ? { iterations: 840, rate: 0.002, warmUp: 40 }
          : start === "untrained"
            ? { iterations: 960, rate: 0.004, warmUp: 80, dropout: 0.5 }
            : { iterations: 600, rate: 0.003, warmUp: 40 }),
      }),
  },
  // The quick recipe at full width and 128 pixels. From a file GoogLeNet's modules up to 4e keep their values, at the rates that docs/study.md shows;
  // the other rates are those of quick over the width, and were not searched for.
  reduced: {
    phantoms: "study",
    width: 1,
    size: { alexnet: 128, googlenet: 128 },
    slices: 3,
    headCrop: 0.85,
    init: "lsuv",
    choice: "last step",
    pixelScale: 1 / 64,
    fractals: true,
    solver: (network, start) =>
      solverOf(network, start, {
        iterations: 800,
        batch: 16,
        validateEvery: 50,
        policy: "linear",
        warmUp: start === "untrained" ? 80 : 40,
        newLayerRate: 1,
        ...(start !== "file"
          ? { rate: network === "alexnet" ? 0.0005 : 0.001 }
          : network === "alexnet"
            ? { rate: 0.001 }
            : { rate: 0.0005, frozen: ["conv1*", "conv2*", "inception_3*", "inception_4*"] }),
      }),
  },
  // 30 epochs of the augmented images, as DIGITS would: 30 x 45 x 48 / 32.
  paper: {
    phantoms: "study",
    width: 1,
    size: { alexnet: 227, googlenet: 224 },
    slices: "one",
    init: "reference",
    choice: "lowest validation loss",
    pixelScale: 1,
    fractals: false,
    solver: (network, start) =>
      solverOf(network, start, {
        iterations: 2025,
        batch: 32,
        validateEvery: 75,
        rate: start === "untrained" ? 0.01 : 0.001,
        policy: "step",
      }),
  },
};

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}
