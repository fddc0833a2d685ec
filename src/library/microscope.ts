// A microscope: beside a network that runs fast, on the same parameters, a graph of one picture in which every activation and gradient can be read; the fast
// step's plan, kernels and times; and parameters while they change. Graphs are opened when they are asked for, one at a time.
import { readBack } from "../engine/buffers.ts";
import { openEngine, type Engine } from "../engine/engine.ts";
import type { Roofline } from "../engine/roofline.ts";
import { planFor, Session } from "../engine/session.ts";
import type { Graph } from "../graph/graph.ts";
import type { Parameter } from "../models/network.ts";
import { BYTES_PER_ELEMENT, roundUp, sizeOf } from "../tensor/shape.ts";
import { momentumOf, scoringGraph } from "../train/graphs.ts";
import { microscopeGraph, type MicroscopeGraph } from "../train/microscope-graph.ts";
import { parameterOf } from "../train/parameters.ts";
import { randomWords } from "../train/step-inputs.ts";
import { KERNEL_FAMILY } from "./arguments.ts";
import { callback, expectKind, expectOptions, kind, inWords, whole, type Kind } from "./check.ts";
import type { KernelFamily } from "./device.ts";
import { feedOf } from "./feeds.ts";
import type { Exciting, ExcitingOptions } from "./exciting.ts";
import { histogramOf, parameterStrides, type Histogram } from "./histogram.ts";
import { familiesOf, launchesOf, type FamilyKernels, type LaunchInfo } from "./launches.ts";
import { layersOf, type LayerNode } from "./layer-nodes.ts";
import { Look } from "./look.ts";
import { progressOf, type LookProgress } from "./look-progress.ts";
import { readableOf, type Opened } from "./opened.ts";
import { expectElement, OTHER_VALUE, swapped, type OtherValue } from "./other-value.ts";
import { parameterPlacement } from "./parameter-values.ts";
import { pictureOfInput, type PictureInput } from "./pictures.ts";
import { planInfo, timesOf, type LaunchMilliseconds, type PlanInfo } from "./plan-info.ts";
import { CHANNELS, parametersOf, silenced, type Channel } from "./silence.ts";
import type { Subject } from "./subject.ts";
import { expectTarget, seedOf, TARGETS, targetOf, type Target } from "./target.ts";
import { onDevice, type GpuTensor, type TensorValues } from "./tensors.ts";
import type { KernelOwners, KernelTrial, LaunchSetup, OwnersOptions, TrialOptions } from "./trials.ts";
import type { VerifyReport } from "./verify-launch.ts";
import type { Variant, VariantOptions } from "./variant.ts";

/** Options of `look` and `forecast`. */
export interface LookOptions {
  /** What gradients are of. Default: nothing is differentiated. */
  readonly of?: Target;
  /** Parameters whose gradients are computed, such as "conv1/weight", or "all". Default: none. They can take much memory: see `forecast`. */
  readonly parameters?: readonly string[] | "all";
  /** For a trainer: with dropout and auxiliary heads as in the step of this number, from 0. Default: as in scoring. */
  readonly step?: number;
  /**
   * Output channels that are 0 in this look, of convolutions and inner products, named by them or by their ReLU. For a network that does not learn. Default: none.
   */
  readonly silence?: readonly Channel[];
  /**
   * Called as kernels have run, in a look that compiles: the first with new options. Many drivers compile a kernel when it first runs. A look with `silence` or
   * `instead` runs at once, without calls. Default: none.
   */
  readonly onKernel?: (progress: LookProgress) => void;
  /** One value of a parameter that is another in this look, as for a finite difference. A float64 reference of such a look is not to be had. Default: none. */
  readonly instead?: OtherValue;
}

/** What a look takes before it is taken. */
export interface Forecast {
  /** Bytes of GPU memory beside what the network takes already. */
  readonly bytes: number;
  /** Launches of a look. */
  readonly launches: number;
  /** Values that it could read. */
  readonly values: number;
  /** Bytes of the largest buffer; more than `maxBufferSize` of the device cannot be had. */
  readonly largestBuffer: number;
}

/** A parameter of the network. */
export interface ParameterInfo {
  /** "parameter:" and its name: what `read` and `view` take. "momentum:" and its name is its momentum, where the network learns. */
  readonly id: string;
  /** Caffe's name: "conv1/weight". */
  readonly name: string;
  /** Layer that it belongs to. */
  readonly layer: string;
  /** Extents in Caffe's order: [outputs, inputs per group, height, width], [outputs, inputs] or [outputs]. */
  readonly shape: readonly number[];
  /** Whether it changes while the network trains, and so has a momentum. */
  readonly learns: boolean;
}

/** Roofs of an adapter, as they were measured. */
export interface Roofs {
  /** Most multiplications and additions per nanosecond. */
  readonly gflops: number;
  /** Most bytes read and written per nanosecond. */
  readonly gigabytesPerSecond: number;
}

const PARAMETERS: Kind = kind(
  (value) => value === "all" || (Array.isArray(value) && value.every((name) => typeof name === "string")),
  'an array of names of parameters, or "all"',
);
const LOOK_KINDS = {
  of: TARGETS,
  parameters: PARAMETERS,
  step: whole(0),
  silence: CHANNELS,
  instead: OTHER_VALUE,
  onKernel: callback,
};

/** A microscope on one network. `microscope` makes it. */
export class Microscope implements Disposable {
  /** Layers of the network in the order of the forward pass. */
  readonly layers: readonly LayerNode[];
  /** Parameters in Caffe's order. */
  readonly parameters: readonly ParameterInfo[];
  readonly #subject: Subject;
  readonly #forward: Graph;
  #opened: Opened | null = null;
  /** Number of the last look: earlier ones cannot be read any more. */
  #looks = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #variants = new Set<Variant>();
  /** Launches of the fast step by id, once one is asked for. */
  #launches: Map<string, LaunchInfo> | null = null;
  /** The device that edited kernels are tried on. */
  #trials: Promise<Engine> | null = null;
  #disposed = false;

  /** @internal */
  constructor(subject: Subject) {
    this.#subject = subject;
    this.#forward = scoringGraph({ ...subject.options, batch: 1 }).graph;
    this.layers = layersOf(this.#forward);
    this.parameters = subject.parameters.map(({ name, layer, caffeShape, rateMultiplier }) => ({
      id: `parameter:${name}`,
      name,
      layer,
      shape: caffeShape,
      learns: subject.learns && rateMultiplier > 0,
    }));
    subject.owned.add(this);
  }

  /** Memory and launches of a look, without taking anything. Throws as `look` does for wrong options. */
  async forecast(options: LookOptions = {}): Promise<Forecast> {
    const made = this.#graphFor(options);
    const { engine, sessionOptions, states } = this.#subject;
    const planned = await engine.withShaders(() => planFor(engine, made.graph, { ...sessionOptions, states }));
    const inputs = made.graph.inputs.reduce((sum, { shape }) => sum + roundUp(sizeOf(shape) * BYTES_PER_ELEMENT, 256), 0);
    return {
      bytes: inputs + planned.arenas.reduce((sum, bytes) => sum + bytes, 0),
      launches: planned.launches.length,
      values: readableOf(made, this.#subject.parameters).length,
      largestBuffer: Math.max(0, ...planned.arenas),
    };
  }

  /**
   * Runs the network on one picture, with the parameters as they are now, and gradients where they are asked for. The first look with new options compiles. The
   * look before it cannot be read after that. Throws a TypeError for what is not a picture and for a target, layer or parameter that the network does not have.
   */
  async look(picture: PictureInput, options: LookOptions = {}): Promise<Look> {
    const made = this.#graphFor(options);
    const image = await pictureOfInput(this.#subject.engine.platform, picture);
    return this.#alone(async () => {
      const compiles = this.#opened?.key !== keyOf(options);
      const opened = await this.#open(made, keyOf(options));
      const { subject, session } = opened;
      const { pixels, placement } = await feedOf(subject.sight, image);
      this.#feed(opened, "pixels", pixels);
      this.#feed(opened, "placement", placement);
      const { of, step } = options;
      if (step !== undefined) this.#feed(opened, "random", randomWords(subject.seed, step));
      if (of && "loss" in of) this.#feed(opened, "labels", Uint32Array.of(of.loss));
      else if (of) this.#feed(opened, "seed", seedOf(opened.made, of));
      const silent = await silenced(subject, this.#forward, options.silence ?? []);
      this.#expectAlive();
      const number = ++this.#looks;
      // In the queue's order and without a turn for others in between: nobody else computes with these parameters.
      for (const [name, { zeroed }] of silent) subject.states.write(name, zeroed);
      const back = options.instead && swapped(subject, options.instead);
      if (compiles && options.onKernel && silent.size === 0 && !back) await this.#runByKernel(opened, options.onKernel);
      else session.run();
      back?.();
      for (const [name, { original }] of silent) subject.states.write(name, original);
      const names = [...opened.made.losses.keys()];
      const [probabilities, ...losses] = await session.readAll(["p", ...names.map((name) => `loss:${name}`)]);
      return new Look(
        { ...opened, isAltered: back !== undefined, changed: new Map([...silent].map(([name, { zeroed }]) => [name, zeroed])) },
        { probabilities, losses: Object.fromEntries(names.map((name, i) => [name, losses[i][0]])) },
        () => !this.#disposed && this.#looks === number,
      );
    });
  }

  /** Reads a parameter or a momentum as it is now, in Caffe's order. Throws a TypeError for another id. */
  async read(id: string): Promise<TensorValues> {
    const { parameter, state } = this.#stateOf(id);
    const { engine, states } = this.#subject;
    const { shape, ...range } = states.range(state);
    return parameterOf(await readBack(engine, range, sizeOf(shape)), parameter);
  }

  /** Where a parameter or a momentum lies on the device, in the engine's order. It stays there, and changes, while the network trains. */
  view(id: string): GpuTensor {
    const { parameter, state } = this.#stateOf(id);
    return onDevice(this.#subject.states.range(state), parameterPlacement(parameter));
  }

  /** How the values of a parameter or a momentum are distributed now; counted on the device. Throws a TypeError for another id. */
  async histogram(id: string): Promise<Histogram> {
    const { parameter, state } = this.#stateOf(id);
    const { engine, states } = this.#subject;
    return histogramOf(engine, { range: states.range(state), ...parameterStrides(parameter) }, () => this.#expectAlive());
  }

  /**
   * The pictures of a set that excite each channel of a layer most, with the parameters as they are now, in passes that end at the layer. Throws a TypeError for a layer
   * that the network does not have and for what is not a picture, and the signal's reason once it is aborted.
   */
  async exciting(pictures: readonly PictureInput[], options: ExcitingOptions): Promise<Exciting> {
    this.#expectAlive();
    const { excitingPictures } = await import("./exciting.ts");
    return excitingPictures(this.#subject, pictures, options);
  }

  /** How the fast step is computed: a scoring pass of one picture, or a training step. */
  plan(): PlanInfo {
    this.#expectAlive();
    return planInfo(this.#subject.fast);
  }

  /** Families that can compute a launch of `plan`, and the kernels that they would launch. Throws a TypeError for an id that is not there. */
  async families(launch: string): Promise<FamilyKernels[]> {
    const { index } = this.#launch(launch);
    return familiesOf(this.#subject.engine, this.#subject.fast, index);
  }

  /**
   * Compares a family's kernels with the float64 definition, on random values of the sizes of a launch of `plan`. It runs the definition on the host: seconds for
   * a large layer. Null where the family cannot compute it.
   */
  async verify(launch: string, family: KernelFamily): Promise<VerifyReport | null> {
    const { index } = this.#launch(launch);
    expectKind("verify: family", family, KERNEL_FAMILY);
    const { node } = this.#subject.fast.plan.launches[index];
    const { verifyNode } = await import("./verify-launch.ts");
    return verifyNode(this.#subject.engine, node, family);
  }

  /**
   * A launch of `plan` by itself, with its own kernel or another family's, as data that `tryKernel` and `kernelOwners` take, here or in a worker. Where a layer
   * takes several launches in that family, it is the one with the most to compute. Null where the family cannot compute the layer on this adapter.
   */
  async setup(launch: string, family?: KernelFamily): Promise<LaunchSetup | null> {
    const { index } = this.#launch(launch);
    if (family !== undefined) expectKind("setup: family", family, KERNEL_FAMILY);
    return (await import("./trials.ts")).setupOfLaunch(this.#subject, index, launch, family);
  }

  /**
   * Which workgroup of a launch of `plan` stores which element of its outputs, as its kernel itself writes it down, on memory of its own. Throws an Error for a kernel
   * in its place that cannot be followed.
   */
  async owners(launch: string, options: OwnersOptions = {}): Promise<KernelOwners> {
    const setup = (await this.setup(launch)) as LaunchSetup;
    const { ownersOn } = await import("./trials.ts");
    return ownersOn(options.wgsl === undefined ? this.#subject.engine : await this.#trialEngine(), setup, options);
  }

  /**
   * Tries an edited kernel in the place of a launch of `plan`, on a device of its own, so that a kernel that hangs leaves the network alone: what is wrong with it is
   * in the result. Throws an Error where that device is lost; the next trial then opens another.
   */
  async trial(launch: string, options: TrialOptions): Promise<KernelTrial> {
    const setup = (await this.setup(launch)) as LaunchSetup;
    const { trialOn } = await import("./trials.ts");
    return trialOn(await this.#trialEngine(), setup, options);
  }

  /**
   * Times every launch of the fast step, which keeps parameters and momenta as they are. Throws where the device was opened without `timestamps: true`. Steps
   * count from the second on.
   */
  async times(options: { readonly repeats?: number } = {}): Promise<LaunchMilliseconds[]> {
    expectOptions("times", options, { repeats: whole(1) });
    this.#expectAlive();
    const { fast, states, learns, engine } = this.#subject;
    const mark = learns ? states.mark() : [];
    try {
      return await timesOf(fast, options.repeats ?? 1);
    } finally {
      if (learns) states.back(mark);
      engine.free(mark);
    }
  }

  /** Roofs of the adapter: measured at the first call, which takes about a second. Throws where the device was opened without `timestamps: true`. */
  async roofs(): Promise<Roofs> {
    this.#expectAlive();
    const { rooflineOf } = await import("../engine/roofline.ts");
    const { gflops, gigabytesPerSecond }: Roofline = await rooflineOf(this.#subject.engine);
    return { gflops, gigabytesPerSecond };
  }

  /** The scoring pass of one picture with other passes or kernels, beside the fast one. Dispose of it after use. */
  async variant(options: VariantOptions = {}): Promise<Variant> {
    this.#expectAlive();
    const { openVariant } = await import("./variant.ts");
    const variant = await openVariant(this.#subject, options);
    this.#variants.add(variant);
    return variant;
  }

  /** Frees what the microscope took. The network goes on. */
  dispose(): void {
    this.#disposed = true;
    this.#close();
    for (const variant of this.#variants) variant.dispose();
    void this.#trials?.then((engine) => engine.dispose());
    this.#subject.owned.delete(this);
  }

  /** The same as `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #trialEngine(): Promise<Engine> {
    const { engine } = this.#subject;
    this.#trials ??= openEngine(engine.platform, { timestamps: engine.device.features.has("timestamp-query") }).then((opened) => {
      void opened.device.lost.then(() => (this.#trials = null));
      return opened;
    });
    return this.#trials;
  }

  #expectAlive(): void {
    if (this.#disposed) throw new Error("this microscope was disposed");
    this.#subject.expectAlive();
  }

  /** Runs `work` once what was started before it is done. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #graphFor(options: LookOptions): MicroscopeGraph {
    this.#expectAlive();
    expectOptions("look", options, LOOK_KINDS);
    const { learns, options: graphOptions, parameters, classes } = this.#subject;
    const { step } = options;
    if (step !== undefined && !learns)
      throw new TypeError("look: step is for a network that learns; a loaded one has neither dropout nor auxiliary heads");
    if (options.of) expectTarget(options.of, classes.length);
    if (options.silence && learns) throw new TypeError("look: silence is for a network that does not learn");
    if (options.instead) expectElement("look: instead", parameters, options.instead);
    for (const { layer } of options.silence ?? []) parametersOf(this.#forward, layer, parameters);
    const training = step !== undefined;
    const { auxiliary } = graphOptions.network;
    const known = parameters.filter(({ layer }) => training || !auxiliary.includes(layer)).map(({ name }) => name);
    const wanted = options.parameters === "all" ? known : (options.parameters ?? []);
    const opened = this.#opened;
    if (opened?.key === keyOf(options)) {
      if (options.of && !("loss" in options.of)) seedOf(opened.made, options.of);
      return opened.made;
    }
    const made = microscopeGraph(graphOptions, { target: targetOf(options.of, this.#forward), parameters: wanted, training });
    if (options.of && "layer" in options.of) seedOf(made, options.of);
    return made;
  }

  async #open(made: MicroscopeGraph, key: string): Promise<Opened> {
    this.#expectAlive();
    if (this.#opened?.key === key) return this.#opened;
    this.#close();
    const { engine, sessionOptions, states } = this.#subject;
    const session = await Session.open(engine, made.graph, { ...sessionOptions, states });
    this.#opened = {
      subject: this.#subject,
      key,
      made,
      session,
      values: readableOf(made, this.#subject.parameters),
      fed: new Map(),
      changed: new Map(),
      isAltered: false,
    };
    return this.#opened;
  }

  async #runByKernel(opened: Opened, onKernel: (progress: LookProgress) => void): Promise<void> {
    for await (const progress of opened.session.runByKernel()) {
      this.#expectAlive();
      onKernel(progressOf(opened, progress));
    }
  }

  #feed({ session, fed }: Opened, name: string, data: Float32Array | Uint32Array): void {
    session.feed(name, data);
    fed.set(name, data);
  }

  #close(): void {
    this.#opened?.session.dispose();
    this.#opened = null;
    this.#looks++;
  }

  #launch(id: string): LaunchInfo {
    this.#expectAlive();
    this.#launches ??= new Map(launchesOf(this.#subject.fast).map((launch) => [launch.id, launch]));
    const found = this.#launches.get(id);
    if (!found) throw new TypeError(`there is no launch ${inWords(id)} in this plan; plan().launches has their ids`);
    return found;
  }

  #stateOf(id: string): { readonly parameter: Parameter; readonly state: string } {
    this.#expectAlive();
    const [, wanted, name] = /^(parameter|momentum):(.*)$/s.exec(id) ?? [];
    const parameter = this.#subject.parameters.find((each) => each.name === name);
    if (!parameter)
      throw new TypeError(
        `there is no parameter ${inWords(id)}; ids are "parameter:NAME" and "momentum:NAME", the names are those of \`parameters\``,
      );
    if (wanted === "parameter") return { parameter, state: parameter.name };
    if (!this.#subject.learns || parameter.rateMultiplier === 0)
      throw new TypeError(`"${parameter.name}" has no momentum: only parameters that learn have one`);
    return { parameter, state: momentumOf(parameter.name) };
  }
}

const keyOf = ({ of, parameters = [], step }: LookOptions): string =>
  JSON.stringify([of && ("loss" in of || ("class" in of ? "class" : of.layer)), parameters, step !== undefined]);
