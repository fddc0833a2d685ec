// A study as jobs: values with each job's settings and needs, before anything runs. A job's id is the hash of all that determines its numbers; its
// inputs are in it by their ids (pretraining, training) or hashes (files), so an id changes with anything upstream of it.
import { PARAMETERS } from "../phantoms/parameters.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import type { Job } from "../train/run-folder.ts";
import type { External } from "./study-folder.ts";
import { hashProtocol, type FractalRecipe, type NetworkName, type Protocol, type StudyModel } from "./protocol.ts";

interface JobFacts {
  /** Sixteen hexadecimal digits: the hash of `job`. */
  readonly id: string;
  /** For people, unique in a study: "googlenet-pretrained-augmented-seed0". */
  readonly name: string;
  /** What its job.json holds. */
  readonly job: Job;
  /** Ids of the jobs whose results it reads. */
  readonly needs: readonly string[];
}

export type StudyJob = JobFacts &
  (
    | { readonly kind: "cohort" }
    | { readonly kind: "pretrain"; readonly network: NetworkName; readonly seed: number; readonly recipe: FractalRecipe }
    | {
        readonly kind: "train";
        readonly model: StudyModel;
        readonly seed: number;
        readonly cohort: string;
        readonly pretrain: string | null;
      }
    | { readonly kind: "external"; readonly trained: readonly string[]; readonly manifest: string }
    | { readonly kind: "analysis"; readonly trained: readonly string[]; readonly cohort: string }
    | { readonly kind: "report"; readonly analysis: string }
  );

/** The job's folder below the study's. */
export const folderOf = ({ name, id }: Pick<StudyJob, "name" | "id">): string => `jobs/${name}-${id}`;

/** The jobs of a study, each after those that it needs. Equal protocols have equal plans; an external cohort adds a job, and changes the report alone. */
export function planStudy(protocol: Protocol, external?: External): StudyJob[] {
  const cohort = cohortJob(protocol);
  const pretraining = pretrainJobs(protocol);
  const training = protocol.seeds.flatMap((seed) =>
    protocol.models.map((model) => {
      const source = pretraining.find((job) => job.network === model.network && job.seed === seed);
      return trainJob(protocol, { model, seed, cohort: cohort.id, pretrain: model.start === "pretrained" && source ? source.id : null });
    }),
  );
  const analysis = analysisJob(protocol, cohort.id, training);
  const second = external ? [externalJob(external, cohort.id, training)] : [];
  return [cohort, ...pretraining, ...training, analysis, ...second, reportJob(protocol, analysis.id, second[0]?.id)];
}

/** A job by all that determines its numbers. */
function identify(name: string, needs: readonly string[], content: Readonly<Record<string, unknown>>): JobFacts {
  // What JSON leaves out is left out of the id, too.
  const job = JSON.parse(JSON.stringify({ format: "striatum-study-job-1", ...content })) as Job;
  return { id: sha256Hex(JSON.stringify(job), 16), name, job, needs };
}

function cohortJob({ cohort, classes }: Protocol): Extract<StudyJob, { kind: "cohort" }> {
  const generator = cohort.kind === "synthetic" ? { generator: PARAMETERS.version } : {};
  return { kind: "cohort", ...identify("cohort", [], { kind: "cohort", cohort, classes, ...generator }) };
}

/** One per network and seed if pretrained models start from fractals; none if they start from files. */
function pretrainJobs(protocol: Protocol): Extract<StudyJob, { kind: "pretrain" }>[] {
  const { pretraining, seeds, width, size, init, images } = protocol;
  if (pretraining?.kind !== "fractal") return [];
  const recipes = Object.entries(pretraining.recipes) as [NetworkName, FractalRecipe][];
  return seeds.flatMap((seed) =>
    recipes.map(([network, recipe]) => {
      const content = { kind: "pretrain", network, seed, recipe, width, size: size[network], init, pixelScale: images.pixelScale };
      return { kind: "pretrain" as const, network, seed, recipe, ...identify(`pretrain-${network}-seed${seed}`, [], content) };
    }),
  );
}

function trainJob(
  protocol: Protocol,
  { model, seed, cohort, pretrain }: { model: StudyModel; seed: number; cohort: string; pretrain: string | null },
): Extract<StudyJob, { kind: "train" }> {
  const { classes, width, size, images, init, mirror, augmentation, pretraining, caseScore, mirrorScores, choice } = protocol;
  const file = model.start === "pretrained" && pretraining?.kind === "file" ? (pretraining.files[model.network] ?? null) : null;
  const content = {
    kind: "train",
    model,
    seed,
    classes,
    width,
    size: size[model.network],
    images,
    init,
    mirror,
    augmentation: model.augmented ? augmentation : null,
    caseScore,
    mirrorScores,
    choice,
    inputs: { cohort, weights: pretrain ?? file },
  };
  const needs = pretrain === null ? [cohort] : [cohort, pretrain];
  return { kind: "train", model, seed, cohort, pretrain, ...identify(`${model.id}-seed${seed}`, needs, content) };
}

function analysisJob(
  { endpoints, models }: Protocol,
  cohort: string,
  training: readonly StudyJob[],
): Extract<StudyJob, { kind: "analysis" }> {
  const trained = training.map(({ id }) => id);
  const content = { kind: "analysis", endpoints, models: models.map(({ id }) => id), inputs: { cohort, trained } };
  return { kind: "analysis", cohort, trained, ...identify("analysis", [cohort, ...trained], content) };
}

function externalJob({ manifest }: External, cohort: string, training: readonly StudyJob[]): Extract<StudyJob, { kind: "external" }> {
  const trained = training.map(({ id }) => id);
  const content = { kind: "external", inputs: { cohort, trained, manifest } };
  return { kind: "external", trained, manifest, ...identify("external", [cohort, ...trained], content) };
}

function reportJob(protocol: Protocol, analysis: string, external: string | undefined): Extract<StudyJob, { kind: "report" }> {
  const content = { kind: "report", protocol: hashProtocol(protocol), inputs: { analysis, external } };
  return { kind: "report", analysis, ...identify("report", external === undefined ? [analysis] : [analysis, external], content) };
}

/** The job that a person or a scheduler names: by id, by name, or by its place in the plan, from 0. Throws where there is none. */
export function findJob(plan: readonly StudyJob[], named: string): StudyJob {
  const job = plan.find(({ id, name }) => id === named || name === named) ?? (/^\d{1,6}$/.test(named) ? plan[Number(named)] : undefined);
  if (!job)
    throw new Error(`there is no job "${named}": expected 0 to ${plan.length - 1}, or an id or name from \`npx striatum study plan\``);
  return job;
}
