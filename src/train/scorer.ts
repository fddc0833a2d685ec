// A network that only scores: weights from a file, a mean, and probabilities out.
import { States } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MEAN, scoringGraph, type GraphOptions, type NetworkGraph } from "./graphs.ts";
import { expectedShapes, writeParameter } from "./parameters.ts";
import type { TrainedNetwork } from "./pretrained.ts";
import type { Batch } from "./trainer.ts";

export interface ScorerOptions extends Omit<SessionOptions, "states"> {
  /** Images per pass. */
  readonly batch: number;
}

/** Parts of a trained network's scoring graph. */
export const scoringOptions = ({ network, classes, width, size, images }: TrainedNetwork, batch: number): GraphOptions => ({
  network,
  classes: classes.length,
  width,
  size,
  pixelScale: images.pixelScale,
  batch,
});

/** A trained network's parameters and mean, for sessions of a graph of it. Throws, naming the file, unless the weights are this network's. */
export async function statesOf(
  engine: Engine,
  { graph, parameters }: Pick<NetworkGraph, "graph" | "parameters">,
  { network, weights, mean }: TrainedNetwork,
): Promise<States> {
  const { loadWeights } = await import("../weights/load.ts");
  const { values } = loadWeights(weights.bytes, weights.file, expectedShapes(parameters), { auxiliary: network.auxiliary });
  const states = States.of(engine, graph);
  for (const parameter of parameters) writeParameter(states, parameter, values.get(parameter.name) as Tensor);
  states.write(MEAN, mean);
  return states;
}

export class Scorer {
  readonly options: GraphOptions;
  readonly #session: Session;
  readonly #states: States;

  /** Throws, naming the file, unless its weights are this network's. Auxiliary heads in it are ignored. */
  static async open(engine: Engine, trained: TrainedNetwork, { batch, ...sessionOptions }: ScorerOptions): Promise<Scorer> {
    const options = scoringOptions(trained, batch);
    const built = scoringGraph(options);
    const states = await statesOf(engine, built, trained);
    return new Scorer(options, await Session.open(engine, built.graph, { ...sessionOptions, states }), states);
  }

  private constructor(options: GraphOptions, session: Session, states: States) {
    this.options = options;
    this.#session = session;
    this.#states = states;
  }

  /** Class probabilities [batch, classes]. */
  async score({ pixels, placement }: Pick<Batch, "pixels" | "placement">): Promise<Float32Array> {
    this.#session.feed("pixels", pixels);
    this.#session.feed("placement", placement);
    this.#session.run();
    return this.#session.read("p");
  }

  dispose(): void {
    this.#session.dispose();
    this.#states.dispose();
  }
}
