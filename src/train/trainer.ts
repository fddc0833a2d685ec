// A network that learns on one engine: its sessions share one set of states. Holds GPU memory; who reads files and who prints lives elsewhere.
import { States } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import type { Graph } from "../graph/graph.ts";
import { hashGraph } from "../graph/print.ts";
import type { Parameter } from "../models/network.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MEAN, momentumOf, scoringGraph, type NetworkGraph } from "./graphs.ts";
import { measureStart, measuringGraph, standardise, type Forward, type StartReport } from "./lsuv.ts";
import {
  CORRECT_SUM,
  FINITE_STEPS,
  headLoss,
  LOSS_EXPONENT,
  LOSS_SUM,
  startGraph,
  trainingGraph,
  type TrainingOptions,
  scalesLoss,
} from "./training-graphs.ts";
import { parameterOf, writeParameter } from "./parameters.ts";
import { rateFloats, randomWords } from "./step-inputs.ts";
import type { LayerMeasure, StepMeter } from "./step-meter.ts";

/** One batch as the GPU takes it. */
export interface Batch {
  /** [batch, stored, stored], B | G << 8 | R << 16. */
  readonly pixels: Uint32Array;
  /** [batch, 4]: offset y, offset x, mirror, 0. */
  readonly placement: Uint32Array;
  /** [batch] */
  readonly labels: Uint32Array;
}

/** What a step changes, in Caffe's order: parameters and momentum by parameter name. */
export interface Snapshot {
  readonly parameters: Map<string, Tensor>;
  readonly momentum: Map<string, Tensor>;
}

export interface Sums {
  /** Sum over steps of the objective: all heads' losses, weighted. */
  readonly loss: number;
  /** Images whose true class scored highest at the main head. */
  readonly correct: number;
  /** Steps until the loss was NaN or infinite: all of them, unless training diverged. */
  readonly finiteSteps: number;
  /** Logarithm of the scale of the next step's loss, where it is scaled. */
  readonly lossExponent?: number;
}

/** The running sums before the first step of an epoch. */
export const NO_SUMS: Sums = { loss: 0, correct: 0, finiteSteps: 0 };

/** What changes from step to step beside the batch. */
interface At {
  readonly seed: number;
  readonly step: number;
  readonly rate: number;
}

export class Trainer {
  readonly options: TrainingOptions;
  readonly parameters: readonly Parameter[];
  /** Names of the heads, the main one first. */
  readonly heads: readonly string[];
  /** One training step as it is written, before any pass. */
  readonly graph: Graph;
  /** Names the training graph: a checkpoint continues this graph and no other. */
  readonly graphHash: string;
  readonly step: Session;
  readonly #engine: Engine;
  readonly #states: States;
  readonly #sessionOptions: SessionOptions;
  #scoring: Session | null = null;
  #meter: Promise<StepMeter> | null = null;

  static async open(engine: Engine, options: TrainingOptions, sessionOptions: Omit<SessionOptions, "states"> = {}): Promise<Trainer> {
    const { graph, parameters, built } = trainingGraph({ ...options, ...(scalesLoss(sessionOptions) && { scaledLoss: true }) });
    const states = States.of(engine, graph);
    const step = await Session.open(engine, graph, { ...sessionOptions, states });
    return new Trainer(engine, options, { graph, parameters, built }, states, step, sessionOptions);
  }

  private constructor(
    engine: Engine,
    options: TrainingOptions,
    { graph, parameters, built }: NetworkGraph,
    states: States,
    step: Session,
    sessionOptions: SessionOptions,
  ) {
    this.#engine = engine;
    this.#states = states;
    this.#sessionOptions = sessionOptions;
    this.options = options;
    this.parameters = parameters;
    this.heads = built.heads.map(({ name }) => name);
    this.graph = graph;
    this.graphHash = hashGraph(graph);
    this.step = step;
  }

  /** Fills every parameter from its filler, on the GPU. The values depend on the seed and the parameter's name and shape alone. */
  async start(seed: number): Promise<void> {
    const session = await Session.open(this.#engine, startGraph(this.options).graph, { ...this.#sessionOptions, states: this.#states });
    session.feed("random", randomWords(seed, 0));
    session.run();
    await this.#engine.idle();
    session.dispose();
  }

  /**
   * Measures the start on images of any number; with `fresh`, first scales and centres the layers that it accepts (LSUV). The values depend on the
   * seed, which draws dropout's masks, and on the images.
   */
  async measureStart(
    { pixels, placement, labels }: Batch,
    { seed, fresh }: { readonly seed: number; readonly fresh?: (layer: string) => boolean },
  ): Promise<StartReport> {
    const measuring = measuringGraph({ ...this.options, batch: labels.length });
    // Moments are taken of values in 32 bits, whatever the training stores.
    const { storage: _, ...sessionOptions } = this.#sessionOptions;
    const session = await Session.open(this.#engine, measuring.graph, { ...sessionOptions, states: this.#states });
    try {
      session.feed("pixels", pixels);
      session.feed("placement", placement);
      session.feed("random", randomWords(seed, 0));
      const forward: Forward = async (names) => {
        session.run();
        const values = new Map<string, Float32Array>();
        for (const name of names) values.set(name, await session.read(name));
        return values;
      };
      if (fresh) await standardise(measuring, { forward, states: this.#states, fresh });
      return await measureStart(measuring, forward, labels);
    } finally {
      session.dispose();
    }
  }

  /** The mean to subtract, [stored, stored, 4] or [1, 1, 4], BGR and a zero. */
  setMean(mean: Float32Array): void {
    this.#states.write(MEAN, mean);
  }

  /** The mean that is subtracted, as `setMean` takes it. */
  mean(): Promise<Float32Array> {
    return this.#states.read(MEAN);
  }

  /** Submits one training step and does not wait for it. Steps count from 0. */
  train(batch: Batch, at: At): void {
    this.#feed(batch, at);
    this.step.run();
  }

  /** A training step in submissions of at most so many milliseconds of work; waits for it. */
  async trainInSlices(batch: Batch, at: At, milliseconds: number): Promise<void> {
    const { runInSlices } = await import("../engine/sliced-run.ts");
    this.#feed(batch, at);
    await runInSlices(this.step, this.#engine, milliseconds);
  }

  /**
   * Takes a step by `run` and measures it layer by layer. The bits of the step are those of any other; it takes a copy of the states and a forward pass more.
   */
  async measured(batch: Batch, { seed, step, rate }: At, run: () => Promise<void>): Promise<LayerMeasure[]> {
    this.#meter ??= import("./step-meter.ts").then(({ StepMeter }) =>
      StepMeter.open(this.#engine, this.options, this.parameters, { ...this.#sessionOptions, states: this.#states }),
    );
    const meter = await this.#meter;
    const before = this.#states.mark();
    try {
      await run();
      return await meter.measure(before, rate, batch, randomWords(seed, step));
    } finally {
      this.#engine.free(before);
    }
  }

  /** A training step like any other, reported kernel by kernel: a driver may compile each when it first runs. */
  async *firstTrain(batch: Batch, at: At): AsyncGenerator<{ readonly kernels: number; readonly of: number }> {
    this.#feed(batch, at);
    yield* this.step.runByKernel();
  }

  #feed({ pixels, placement, labels }: Batch, { seed, step, rate }: At): void {
    this.step.feed("pixels", pixels);
    this.step.feed("placement", placement);
    this.step.feed("labels", labels);
    this.step.feed("random", randomWords(seed, step));
    this.step.feed("rate", rateFloats(rate));
  }

  /** Resolves when everything submitted so far is done; throws what went wrong. */
  idle(): Promise<void> {
    return this.#engine.idle();
  }

  /** The running sums, once everything submitted so far is done. */
  async sums(): Promise<Sums> {
    const scales = this.#scalesLoss();
    const names = [LOSS_SUM, CORRECT_SUM, FINITE_STEPS, ...(scales ? [LOSS_EXPONENT] : [])];
    const [loss, correct, finiteSteps, lossExponent] = [...(await this.#states.readAll(names)).values()].map(([value]) => value);
    return { loss, correct, finiteSteps, ...(scales && { lossExponent }) };
  }

  /** The last step's loss of each head, weighted, once everything submitted so far is done. Wants the option `headLosses`. */
  async headLosses(): Promise<Map<string, number>> {
    const losses = await this.step.readAll(this.heads.map(headLoss));
    return new Map(this.heads.map((name, i) => [name, losses[i][0]]));
  }

  #scalesLoss(): boolean {
    return this.graph.states.some(({ name }) => name === LOSS_EXPONENT);
  }

  /** Sets the running sums, for a new epoch or one that is resumed; a loss's scale stays as it is unless it is given. */
  setSums({ loss, correct, finiteSteps, lossExponent }: Sums): void {
    if (lossExponent !== undefined && this.#scalesLoss()) this.#states.write(LOSS_EXPONENT, Float32Array.of(lossExponent));
    this.#states.write(LOSS_SUM, Float32Array.of(loss));
    this.#states.write(CORRECT_SUM, Float32Array.of(correct));
    this.#states.write(FINITE_STEPS, Float32Array.of(finiteSteps));
  }

  /** Class probabilities [batch, classes] with the parameters as they are. */
  async score({ pixels, placement }: Pick<Batch, "pixels" | "placement">): Promise<Float32Array> {
    this.#scoring ??= await Session.open(this.#engine, scoringGraph(this.options).graph, { ...this.#sessionOptions, states: this.#states });
    this.#scoring.feed("pixels", pixels);
    this.#scoring.feed("placement", placement);
    this.#scoring.run();
    return this.#scoring.read("p");
  }

  /** Takes values in Caffe's order; parameters that are absent keep theirs. */
  load(values: ReadonlyMap<string, Tensor>, momentum: ReadonlyMap<string, Tensor> = new Map()): void {
    for (const parameter of this.parameters) {
      const value = values.get(parameter.name);
      if (value) writeParameter(this.#states, parameter, value);
      const speed = momentum.get(parameter.name);
      if (speed) writeParameter(this.#states, parameter, speed, momentumOf(parameter.name));
    }
  }

  /** Reads everything back, in Caffe's order, once everything submitted so far is done. */
  async snapshot(): Promise<Snapshot> {
    const learning = this.parameters.filter(({ rateMultiplier }) => rateMultiplier > 0);
    const names = [...this.parameters.map(({ name }) => name), ...learning.map(({ name }) => momentumOf(name))];
    const values = await this.#states.readAll(names);
    const read = (parameter: Parameter, state: string): [string, Tensor] => [
      parameter.name,
      parameterOf(values.get(state) as Float32Array, parameter),
    ];
    return {
      parameters: new Map(this.parameters.map((parameter) => read(parameter, parameter.name))),
      momentum: new Map(learning.map((parameter) => read(parameter, momentumOf(parameter.name)))),
    };
  }

  dispose(): void {
    this.step.dispose();
    this.#scoring?.dispose();
    void this.#meter?.then((meter) => meter.dispose()).catch(() => undefined);
    this.#states.dispose();
  }
}
