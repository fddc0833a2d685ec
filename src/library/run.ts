// One pass of a network for pictures: probabilities, logits and any other value of the scoring graph, read back or left on the device.
import type { Picture } from "../dataset/image.ts";
import { Session } from "../engine/session.ts";
import type { Value } from "../graph/graph.ts";
import { scoringGraph, type NetworkGraph } from "../train/graphs.ts";
import { topK } from "../train/top-classes.ts";
import { expectOptions, oneOf, texts, inWords, sliceMs as sliceKind, whole } from "./check.ts";
import { feedsOf, storedPicture } from "./feeds.ts";
import type { NetworkInternals } from "./network-internals.ts";
import { picturesOf } from "./pictures.ts";
import { onDevice, ordered, placementOf, type GpuTensor, type TensorValues } from "./tensors.ts";

/** Options of `classify`. */
export interface ClassifyOptions {
  /** Number of classes to return, a whole number from 1; all of them where there are fewer. Default 5. */
  readonly top?: number;
  /** Pictures per pass, a whole number from 1. Default: as many as there are, at most 8. */
  readonly batch?: number;
}

/** One class and the probability that the network gives it. */
export interface Guess {
  /** Index of the class, from 0. */
  readonly index: number;
  /** Name of the class. */
  readonly label: string;
  /** Probability, 0 to 1. Those of all classes add up to 1. */
  readonly score: number;
}

/** A value of a network that `run` can return. */
export interface LayerInfo {
  /** Caffe's name of the layer that makes it: "conv1", "relu1", "inception_3a/output". "data" is the network's input, "prob" the probabilities. */
  readonly name: string;
  /** [channels, height, width], or [features]. */
  readonly shape: readonly number[];
}

/** Options of `run`. */
export interface RunOptions {
  /** Names of `layers`, and "probabilities" and "logits" for the main classifier's. Default ["probabilities"]. */
  readonly outputs?: readonly string[];
  /** "cpu" reads the values back. Default "cpu". */
  readonly location?: "cpu";
  /** Pictures per pass, a whole number from 1. Default: as many as there are, at most 8. */
  readonly batch?: number;
  /**
   * Submits a pass in parts of at most so many milliseconds of work, so that a page can be drawn in between; a kernel that takes longer is a part of its own.
   * The first two such passes measure the kernels. Default: a pass is one submission.
   */
  readonly sliceMs?: number;
}

/** Options of `run` for values on the device. */
export interface RunOnGpuOptions {
  /** Names of `layers`, and "probabilities" and "logits" for the main classifier's. Default ["probabilities"]. */
  readonly outputs?: readonly string[];
  /** "gpu" leaves the values where they are. */
  readonly location: "gpu";
  /** As for values that are read back. */
  readonly sliceMs?: number;
}

const MOST_AT_ONCE = 8;
/** Sessions of other batches and outputs that a network keeps. */
const KEPT_SESSIONS = 4;

/** Every value of a scoring graph that holds floats, in its order. */
export const layersOf = ({ graph }: Pick<NetworkGraph, "graph">): LayerInfo[] =>
  valuesOf(graph).map(({ name, shape }) => ({ name, shape: placementOf(shape).shape.slice(1) }));

const valuesOf = ({ nodes }: NetworkGraph["graph"]): Value[] =>
  nodes.flatMap(({ outputs }) => Object.values(outputs)).filter(({ dtype }) => dtype === "f32");

/** Guesses for each picture. */
export async function classify(net: NetworkInternals, input: unknown, options: ClassifyOptions): Promise<Guess[][]> {
  expectOptions("classify", options, { top: whole(1), batch: whole(1) });
  const { top = 5, batch } = options;
  const { probabilities } = await run(net, input, batch === undefined ? {} : { batch });
  const { classes } = net.trained;
  const { data } = probabilities as TensorValues;
  return Array.from({ length: data.length / classes.length }, (_, i) =>
    topK([...data.subarray(i * classes.length, (i + 1) * classes.length)], classes, top).map(({ p, ...guess }) => ({ ...guess, score: p })),
  );
}

/** Outputs by name for each picture. */
export async function run(
  net: NetworkInternals,
  input: unknown,
  options: RunOptions | RunOnGpuOptions,
): Promise<Record<string, TensorValues> | Record<string, GpuTensor>> {
  expectOptions("run", options, { outputs: texts, location: oneOf("cpu", "gpu"), batch: whole(1), sliceMs: sliceKind });
  for (const name of options.outputs ?? []) expectOutput(net, name);
  const images = await picturesOf(net.engine.platform, input);
  return runStored(net, await Promise.all(images.map((image) => storedPicture(net.trained, image))), options);
}

/** Probabilities of stored pictures, [pictures, classes]. */
export async function probabilitiesOf(net: NetworkInternals, pictures: readonly Picture[]): Promise<Float32Array> {
  const { probabilities } = (await runStored(net, pictures, {})) as Record<string, TensorValues>;
  return probabilities.data;
}

async function runStored(
  net: NetworkInternals,
  pictures: readonly Picture[],
  options: RunOptions | RunOnGpuOptions,
): Promise<Record<string, TensorValues> | Record<string, GpuTensor>> {
  const { outputs = ["probabilities"], batch } = options as RunOptions;
  const onGpu = options.location === "gpu";
  const names = [...new Set(outputs)];
  const together = onGpu ? pictures.length : (batch ?? Math.min(pictures.length, MOST_AT_ONCE));
  if (onGpu && batch !== undefined && batch !== pictures.length)
    throw new TypeError(`run: what stays on the device is of one pass: leave batch out, or pass ${pictures.length}, got ${inWords(batch)}`);
  return sessionsOf(net).exclusively(async (sessions) => {
    const session = await sessions.open(together, names, onGpu);
    const key = (name: string): string => (session === net.scorer.session ? "p" : outputOf(name));
    const parts: Float32Array[][] = [];
    for (const feed of feedsOf(net.trained, pictures, together)) {
      net.expectAlive();
      session.feed("pixels", feed.pixels);
      session.feed("placement", feed.placement);
      if (options.sliceMs === undefined) session.run();
      else await (await import("../engine/sliced-run.ts")).runInSlices(session, net.engine, options.sliceMs);
      if (!onGpu) parts.push(await session.readAll(names.map(key)));
    }
    const made = names.map((name, i): [string, TensorValues | GpuTensor] => {
      const { shape, ...range } = session.output(key(name));
      const placement = placementOf(shape);
      if (onGpu) return [name, onDevice(range, placement)];
      const size = placement.strides[0];
      const data = new Float32Array(size * pictures.length);
      parts.forEach((part, step) => {
        const count = Math.min(together, pictures.length - step * together);
        data.set(ordered(part[i], placement).subarray(0, count * size), step * together * size);
      });
      return [name, { shape: [pictures.length, ...placement.shape.slice(1)], data }];
    });
    return Object.fromEntries(made) as Record<string, TensorValues>;
  });
}

/** Name of a graph's output: a layer may be called like one. */
const outputOf = (name: string): string => `value ${name}`;

const ALIASES = ["probabilities", "logits"];

function expectOutput({ scorer }: NetworkInternals, name: string): void {
  if (ALIASES.includes(name)) return;
  const known = valuesOf(scorer.built.graph).map((value) => value.name);
  if (!known.includes(name)) throw new TypeError(`run: there is no layer "${name}"; outputs are ${[...ALIASES, ...known].join(", ")}`);
}

/** Sessions of one network that share its parameters. One call at a time uses them. */
class Sessions {
  readonly #net: NetworkInternals;
  /** The last used one last. */
  readonly #opened = new Map<string, Session>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(net: NetworkInternals) {
    this.#net = net;
    net.owned.add(this);
  }

  /** Runs `work` once what was started before it is done. */
  exclusively<T>(work: (sessions: this) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => work(this));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async open(batch: number, names: readonly string[], onGpu: boolean): Promise<Session> {
    const { scorer, engine, sessionOptions } = this.#net;
    if (!onGpu && batch === scorer.options.batch && names.every((name) => name === "probabilities")) return scorer.session;
    const key = [onGpu, batch, ...names].join();
    const known = this.#opened.get(key);
    if (known) {
      this.#opened.delete(key);
      this.#opened.set(key, known);
      return known;
    }
    const { graph, built } = scoringGraph({ ...scorer.options, batch });
    for (const name of names) {
      const value =
        name === "probabilities"
          ? graph.outputs.get("p")
          : name === "logits"
            ? built.heads[0].logits
            : valuesOf(graph).find((each) => each.name === name);
      graph.output(outputOf(name), value as Value);
    }
    const session = await Session.open(engine, graph, { ...sessionOptions, states: scorer.states });
    this.#opened.set(key, session);
    const [oldest] = this.#opened;
    if (this.#opened.size > KEPT_SESSIONS) {
      oldest[1].dispose();
      this.#opened.delete(oldest[0]);
    }
    return session;
  }

  dispose(): void {
    for (const session of this.#opened.values()) session.dispose();
    this.#opened.clear();
  }
}

const sessions = new WeakMap<NetworkInternals, Sessions>();

/** The sessions of a network, made at the first call. */
export function sessionsOf(net: NetworkInternals): Sessions {
  const known = sessions.get(net) ?? new Sessions(net);
  sessions.set(net, known);
  return known;
}
