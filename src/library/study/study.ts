// The study of the command line as a value: the same protocol, jobs and bits, on the user's folder or on phantoms, with its folder in the host's files.
import { openEngine, type Engine } from "../../engine/engine.ts";
import type { Picture } from "../../dataset/image.ts";
import { networkNamed } from "../../models/index.ts";
import { makeCaseFiles } from "../../phantoms/case-files.ts";
import { cohortFiles } from "../../phantoms/cohort-files.ts";
import type { Files, Platform } from "../../platform/platform.ts";
import { StudyClock } from "../../study/clock.ts";
import { SECONDS_AN_IMAGE, secondsOf } from "../../study/estimate.ts";
import { jobLocks } from "../../study/job-locks.ts";
import { openCohort, readFingerprints } from "../../study/jobs/cohort.ts";
import { sharedCases } from "../../study/jobs/shared-cases.ts";
import { isDone } from "../../study/jobs/run-job.ts";
import { caseOptions, casesFolder, pathOf } from "../../study/jobs/context.ts";
import { PREDICTIONS, TRAINING } from "../../study/jobs/train.ts";
import { planStudy, type StudyJob } from "../../study/plan.ts";
import { parsePredictions } from "../../study/predictions.ts";
import { cohortOf, FEWEST_CASES, protocolOf, usualSeeds } from "../../study/profiles.ts";
import { hashProtocol, MODEL_IDS, type NetworkName } from "../../study/protocol.ts";
import { fixStudy, hasStudy, readStudy, REPORT, type Study as Fixed } from "../../study/study-folder.ts";
import { folderCohort, startFiles, withPictures } from "../../study/study-parts.ts";
import { runStudy, type RunningContext } from "../../study/study.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { storedSize } from "../../train/graphs.ts";
import { JOB_FILE, RunFolder } from "../../train/run-folder.ts";
import { noiseBatch } from "../../train/noise-batch.ts";
import { Engines } from "../../train/surviving.ts";
import { Trainer } from "../../train/trainer.ts";
import { callback, expectKind, expectOptions, kind, object, text, whole } from "../check.ts";
import { hostPlatform, withoutSlash, type Source } from "../host.ts";
import { readSource } from "../read-source.ts";
import { VERSION } from "../version.ts";
import { CaseFolder } from "./case-folder.ts";
import { CASES, mounted } from "./mounted.ts";
import type { StudyForecast, StudyJobInfo, StudyModelName, StudyOptions, StudyPredictions, StudyProgress } from "./study-types.ts";

const PROFILE = "quick";
const SEED = whole(0);

const KINDS = {
  out: text,
  cases: object("what caseFolder() returns, or { synthetic: NUMBER }"),
  pretrained: object("{ alexnet, googlenet }: sources of weights"),
  models: kind(
    (value) => Array.isArray(value) && value.length > 0 && value.every((id) => MODEL_IDS.includes(id)),
    `names of models: ${MODEL_IDS.join(", ")}`,
  ),
  seeds: kind(
    (value) => Array.isArray(value) && value.length > 0 && value.every(SEED[0]) && new Set(value).size === value.length,
    "different whole numbers from 0",
  ),
  iterations: whole(1),
  finding: text,
  slices: whole(1),
  slab: kind((value) => typeof value === "boolean", "true or false"),
  splitSeed: SEED,
  onCase: callback,
};
/** Options that a protocol is made of. */
const FIXING = ["models", "seeds", "iterations", "finding", "slices", "slab", "splitSeed"] as const;

/**
 * Opens a study: the one in `out` where no option of the protocol is given, else a new one with its protocol fixed there. A folder's cases are all read first, and
 * what could not be judged later is refused. The profile is the command line's `quick`. Throws a TypeError for a wrong option, and an Error where `out` is the study
 * of another protocol.
 */
export async function openStudy(options: StudyOptions): Promise<Study> {
  expectOptions("openStudy", options, KINDS);
  expectKind("openStudy: out", options.out, KINDS.out);
  const { cases, pretrained, onCase } = options;
  const out = withoutSlash(options.out);
  const own = cases instanceof CaseFolder ? cases : null;
  const host = await hostPlatform();
  const held = pretrained ? await readWeights(host, pretrained) : new Map<string, Uint8Array>();
  const platform = mounted(host, { ...(own && { cases: CaseFolder.filesOf(own) }), held });
  const { files } = platform;
  const isThere = (await hasStudy(files, out)) && FIXING.every((key) => options[key] === undefined);
  if (isThere && (cases === undefined || own)) {
    const fixed = await readStudy(files, out);
    return new Study(platform, out, fixed, own !== null);
  }
  const study = await fix(files, options, own);
  const checked = own ? withPictures(study, (await openCohort(platform, CASES, study.protocol, onCase ? { onCase } : {})).cases) : study;
  return new Study(platform, out, await fixStudy(files, out, checked), own !== null);
}

/** The study that is in a folder, as it is read there: its cases lie where it says. */
export async function reopenStudy(platform: Platform, out: string): Promise<Study> {
  return new Study(platform, out, await readStudy(platform.files, out), true);
}

const pathOfWeights = (network: NetworkName): string => `(shipped)/${network}.safetensors`;

async function readWeights(platform: Platform, pretrained: Readonly<Record<NetworkName, Source>>): Promise<Map<string, Uint8Array>> {
  const read = (["alexnet", "googlenet"] as const).map(async (network): Promise<[string, Uint8Array]> => [
    pathOfWeights(network),
    (await readSource(platform, pretrained[network])).bytes,
  ]);
  return new Map(await Promise.all(read));
}

async function fix(files: Files, options: StudyOptions, own: CaseFolder | null): Promise<Fixed> {
  const { cases, pretrained, models, seeds = usualSeeds(PROFILE), iterations, finding, slices, slab, splitSeed = 0 } = options;
  if (cases === undefined) throw new Error(`${options.out} is not a study: give cases, a folder or { synthetic: NUMBER }`);
  const synthetic = own === null ? (cases as { readonly synthetic: number; readonly seed?: number }) : null;
  const cohort = own && (await folderCohort(files, CASES, splitSeed));
  const names = (["alexnet", "googlenet"] as const).map((network) => [network, pathOfWeights(network)] as const);
  const weights = pretrained ? await startFiles(files, Object.fromEntries(names), PROFILE) : undefined;
  if (weights && Object.values(weights.files).some(({ origin }) => origin.kind !== "fractal"))
    throw new Error("openStudy: pretrained must be the weights that ship with this package; leave the option out to pretrain here");
  const protocol = protocolOf(PROFILE, {
    cohort: cohort?.cohort ?? drawnCohort(synthetic),
    ...(cohort && { classes: cohort.classes }),
    images: { ...(slices !== undefined && { slices }), ...(slab !== undefined && { slab }) },
    ...(finding !== undefined && { finding }),
    seeds,
    ...(models && { models }),
    ...(iterations !== undefined && { iterations }),
    ...(weights && { weights: { ...weights, shipped: true } }),
  });
  return { protocol, sources: { data: own ? CASES : null, weights: {} } };
}

function drawnCohort(of: { readonly synthetic?: unknown; readonly seed?: unknown } | null): ReturnType<typeof cohortOf> {
  expectKind("openStudy: cases.synthetic", of?.synthetic, whole(FEWEST_CASES));
  expectKind("openStudy: cases.seed", of?.seed ?? 0, SEED);
  return cohortOf(PROFILE, { cases: of?.synthetic as number, seed: (of?.seed as number | undefined) ?? 0 });
}

/** A study with a fixed protocol, as `openStudy` returns it. `await using` lets go of its device. */
export class Study implements AsyncDisposable {
  /** Its folder. */
  readonly out: string;
  /** SHA-256 of its protocol: the same as the command line's for the same options. */
  readonly protocol: string;
  /** Names of the classes, "none" first. */
  readonly classes: readonly string[];
  /** Whether its cases are phantoms. */
  readonly isSynthetic: boolean;
  /** Number of its cases. */
  readonly cases: number;
  /** Whether its cases can be read: a folder must have been given again, phantoms are kept. */
  readonly hasCases: boolean;
  readonly #platform: Platform;
  readonly #fixed: Fixed;
  readonly #engines: Engines<Engine>;
  readonly #plan: readonly StudyJob[];

  /** @internal */
  constructor(platform: Platform, out: string, fixed: Fixed, hasFolder: boolean) {
    const { protocol } = fixed;
    this.#platform = platform;
    this.#fixed = fixed;
    this.#engines = new Engines(() => openEngine(platform));
    this.#plan = planStudy(protocol, fixed.external);
    this.out = out;
    this.protocol = hashProtocol(protocol);
    this.classes = protocol.classes;
    this.isSynthetic = protocol.cohort.kind === "synthetic";
    this.cases = protocol.cohort.cases;
    this.hasCases = this.isSynthetic || hasFolder;
  }

  /** Its jobs in the order in which they run. */
  async jobs(): Promise<StudyJobInfo[]> {
    const context = this.#context(new AbortController().signal);
    return Promise.all(
      this.#plan.map(async (job): Promise<StudyJobInfo> => {
        const { name, kind: what } = job;
        return { name, kind: what, done: await isDone(context, job), steps: job.kind === "train" ? job.model.solver.iterations : 0 };
      }),
    );
  }

  /** Measures a training step of each network on this device, and forecasts the jobs that are not done. Nothing is trained. */
  async forecast(): Promise<StudyForecast> {
    const { protocol } = this.#fixed;
    const engine = await this.#engines.current();
    const stepSeconds: Record<string, number> = {};
    let scale = 1;
    for (const network of new Set(protocol.models.map((model) => model.network))) {
      const { solver } = protocol.models.find((model) => model.network === network) as (typeof protocol.models)[number];
      const measured = await stepOf(engine, {
        network: networkNamed(network),
        classes: protocol.classes.length,
        width: protocol.width,
        size: protocol.size[network],
        batch: solver.batch,
        momentum: solver.momentum,
        weightDecay: solver.weightDecay,
      });
      stepSeconds[network] = measured;
      scale = Math.max(scale, measured / solver.batch / SECONDS_AN_IMAGE[network][PROFILE]);
    }
    let seconds = 0;
    for (const [i, { done }] of (await this.jobs()).entries()) {
      const job = this.#plan[i];
      if (done) continue;
      const usual = secondsOf(protocol, job);
      if (job.kind !== "train") seconds += job.kind === "pretrain" ? usual * scale : usual;
      else {
        const { network, solver } = job.model;
        const steps = solver.iterations * stepSeconds[network];
        const rest = usual - solver.iterations * solver.batch * SECONDS_AN_IMAGE[network][PROFILE];
        seconds += steps + Math.max(0, rest) * scale;
      }
    }
    return { stepSeconds, seconds };
  }

  /**
   * Runs the jobs that are not done, and says what happens. Returns true when all are done, false where the signal stopped it: what was done stays, and a later call,
   * or `openStudy` in another tab or process, goes on with it. Test cases are opened once for each model, after it was trained.
   */
  async *run(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<StudyProgress, boolean> {
    if (!this.hasCases) throw new Error(`${this.out}: the folder of the cases is not here: open the study with it again`);
    const { signal = new AbortController().signal } = options;
    const { protocol } = this.#fixed;
    const jobs = await this.jobs();
    const timed = this.#plan.map((job, i) => ({ name: job.name, seconds: secondsOf(protocol, job), done: jobs[i].done }));
    const clock = new StudyClock(timed, this.#platform.now());
    const events = runStudy(this.#context(signal));
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value;
      clock.event(0, value);
      yield value;
      yield clock.status(this.#platform.now());
    }
  }

  /** The report, one HTML file that needs no network; null before the study is done. */
  async report(): Promise<string | null> {
    const path = `${this.out}/${REPORT}`;
    const { files } = this.#platform;
    return (await files.exists(path)) ? new TextDecoder().decode(await files.read(path)) : null;
  }

  /** Losses of each training so far, by the name of its job: what metrics.jsonl has of each look at the validation cases. */
  async curves(): Promise<Record<string, readonly Readonly<Record<string, number>>[]>> {
    const context = this.#context(new AbortController().signal);
    const found: Record<string, readonly Readonly<Record<string, number>>[]> = {};
    for (const job of this.#plan) {
      const path = `${pathOf(context, job)}/${TRAINING}`;
      if (job.kind !== "train" || !(await this.#platform.files.exists(`${path}/${JOB_FILE}`))) continue;
      found[job.name] = await (await RunFolder.open(this.#platform.files, path)).metrics();
    }
    return found;
  }

  /** What each trained model says of validation and test cases. Throws before the report is there: until then the test set stays shut. */
  async predictions(): Promise<StudyPredictions[]> {
    const { files } = this.#platform;
    await this.#expectReport();
    const context = this.#context(new AbortController().signal);
    const found: StudyPredictions[] = [];
    for (const job of this.#plan) {
      if (job.kind !== "train") continue;
      const file = `${pathOf(context, job)}/${PREDICTIONS}`;
      const { val, test } = parsePredictions(new TextDecoder().decode(await files.read(file)), file, this.#fixed.protocol.classes);
      const cases = [
        ...val.map((item) => ({ ...item, split: "val" as const })),
        ...test.map((item) => ({ ...item, split: "test" as const })),
      ];
      found.push({
        model: job.model.id,
        seed: job.seed,
        classes: this.classes,
        cases: cases.map(({ case: number, split, label, probabilities }) => ({ case: number, split, label, probabilities })),
      });
    }
    return found;
  }

  /** Images that stand for cases, as the networks see them before the crop: the middle slice of each. Throws before the report is there, as `predictions` does. */
  async pictures(cases: readonly number[]): Promise<Picture[]> {
    await this.#expectReport();
    const { protocol } = this.#fixed;
    const context = this.#context(new AbortController().signal);
    const [{ network }] = protocol.models;
    const settings = { network: networkNamed(network), size: protocol.size[network], images: protocol.images };
    const opening = { ...caseOptions(protocol), fingerprints: await readFingerprints(context), only: ["val", "test"] as const };
    const data = await sharedCases(this.#platform, casesFolder(context), settings, opening);
    const sets = [data.images("val"), data.images("test")];
    return Promise.all(
      cases.map((wanted) => {
        const at = data.cases.findIndex(({ index }) => index === wanted);
        for (const set of sets) {
          const own = [...set.cases.keys()].filter((i) => set.cases[i] === at);
          if (own.length > 0) return set.read(own[Math.floor(own.length / 2)]);
        }
        throw new Error(`${this.out}: case ${wanted} is not a validation or test case that can be read`);
      }),
    );
  }

  /** The weights of a trained model, as .safetensors. Throws before the report is there. */
  async weights(model: StudyModelName, seed: number): Promise<Uint8Array> {
    await this.#expectReport();
    const job = this.#plan.find((each) => each.kind === "train" && each.model.id === model && each.seed === seed);
    if (!job) throw new Error(`${this.out}: has no model ${model} of the seed ${seed}`);
    return this.#platform.files.read(`${pathOf(this.#context(new AbortController().signal), job)}/${TRAINING}/${BEST_WEIGHTS}`);
  }

  async #expectReport(): Promise<void> {
    if (!(await this.#platform.files.exists(`${this.out}/${REPORT}`)))
      throw new Error(`${this.out}: the report is not there yet: the test set stays shut until then`);
  }

  /** Lets go of the device. The folder stays. */
  dispose(): Promise<void> {
    return this.#engines.dispose();
  }

  /** The same as `dispose`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #context(signal: AbortSignal): RunningContext {
    const platform = this.#platform;
    return {
      ...this.#fixed,
      platform,
      out: this.out,
      signal,
      scoreAgain: false,
      plan: this.#plan,
      version: VERSION,
      commit: null,
      shippedWeights: pathOfWeights,
      engines: this.#engines,
      engine: () => this.#engines.current(),
      ...jobLocks(platform, { signal, onWait: () => undefined }),
      async *writePhantoms(folder, cohort, stop) {
        let drawn = 0;
        let patient = "";
        for await (const { name, content } of cohortFiles(cohort, { make: (spec) => makeCaseFiles(spec) })) {
          if (stop.aborted) return false;
          await platform.files.write(`${folder}/${name}`, content);
          const folderOfFile = name.slice(0, name.indexOf("/"));
          if (folderOfFile === patient || !name.includes("/")) continue;
          patient = folderOfFile;
          yield { kind: "cases", done: drawn++, of: cohort.cases };
        }
        yield { kind: "note", text: `${cohort.cases} synthetic patients were drawn` };
        return true;
      },
    };
  }
}

const TRIES = 2;

/** Seconds of a training step, after one that compiles. */
async function stepOf(engine: Engine, options: Parameters<typeof Trainer.open>[1]): Promise<number> {
  const { network, size, batch, classes } = options;
  const { platform } = engine;
  const trainer = await Trainer.open(engine, options);
  try {
    await trainer.start(0);
    const noise = noiseBatch({ seed: 0, images: batch, stored: storedSize(network, size), classes });
    let seconds = 0;
    for (let i = 0; i <= TRIES; i++) {
      const started = platform.now();
      trainer.train(noise, { seed: 0, step: i, rate: 0 });
      await trainer.idle();
      seconds = (platform.now() - started) / 1000;
    }
    return seconds;
  } finally {
    trainer.dispose();
  }
}

/** Whether a folder has a study. */
export async function hasStoredStudy(out: string): Promise<boolean> {
  return hasStudy((await hostPlatform()).files, withoutSlash(out));
}

/** Removes a study's folder with all that is in it. Returns what is left of it: nothing, unless a file could not be removed. */
export async function forgetStudy(out: string): Promise<string[]> {
  expectKind("forgetStudy: the folder", out, text);
  const { files } = await hostPlatform();
  const path = withoutSlash(out);
  if (!(await files.exists(path))) return [];
  if (!(await hasStudy(files, path))) throw new Error(`${path} is not a study, and nothing of it was removed`);
  await removeAll(files, path);
  return (await files.exists(path)) ? files.list(path) : [];
}

async function removeAll(files: Files, path: string): Promise<void> {
  for (const name of await files.list(path)) {
    if (name.endsWith("/")) await removeAll(files, `${path}/${name.slice(0, -1)}`);
    else await files.remove(`${path}/${name}`);
  }
  await files.remove(path);
}
