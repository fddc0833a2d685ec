// A network that only scores: weights from a file, a mean, and probabilities out.
import { States } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MEAN, scoringGraph, type GraphOptions, type NetworkGraph } from "./graphs.ts";
import type { TrainedNetwork } from "./pretrained.ts";
import type { Batch } from "./trainer.ts";

export interface ScorerOptions extends Omit<SessionOptions, "states"> {
  /** Images per pass. */
  readonly batch: number;
}

/** Parts of a trained network's scoring graph. */
export const scoringOptions = (
  { network, classes, width, size, images }: Omit<TrainedNetwork, "weights" | "mean">,
  batch: number,
): GraphOptions => ({
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
  const [{ loadWeights }, { expectedShapes, writeParameter }] = await Promise.all([
    import("../weights/load.ts"),
    import("./parameters.ts"),
  ]);
  const { values } = loadWeights(weights.bytes, weights.file, expectedShapes(parameters), { auxiliary: network.auxiliary });
  const states = States.of(engine, graph);
  for (const parameter of parameters) writeParameter(states, parameter, values.get(parameter.name) as Tensor);
  states.write(MEAN, mean);
  return states;
}

export class Scorer {
  readonly options: GraphOptions;
  /** The scoring graph as it is written, before any pass. */
  readonly built: NetworkGraph;
  readonly session: Session;
  /** Parameters and mean, for other sessions of the same network. */
  readonly states: States;
  readonly #ownsStates: boolean;

  /** Throws, naming the file, unless its weights are this network's. Auxiliary heads in it are ignored. */
  static async open(engine: Engine, trained: TrainedNetwork, { batch, ...sessionOptions }: ScorerOptions): Promise<Scorer> {
    const options = scoringOptions(trained, batch);
    const built = scoringGraph(options);
    const states = await statesOf(engine, built, trained);
    return new Scorer(options, built, await Session.open(engine, built.graph, { ...sessionOptions, states }), { ownsStates: true });
  }

  /** On parameters that are another's, whose they stay. */
  static async on(engine: Engine, states: States, options: GraphOptions, sessionOptions: Omit<SessionOptions, "states">): Promise<Scorer> {
    const built = scoringGraph(options);
    return new Scorer(options, built, await Session.open(engine, built.graph, { ...sessionOptions, states }), { ownsStates: false });
  }

  private constructor(options: GraphOptions, built: NetworkGraph, session: Session, { ownsStates }: { readonly ownsStates: boolean }) {
    this.options = options;
    this.built = built;
    this.session = session;
    this.states = session.states;
    this.#ownsStates = ownsStates;
  }

  /** Class probabilities [batch, classes]. */
  async score({ pixels, placement }: Pick<Batch, "pixels" | "placement">): Promise<Float32Array> {
    this.session.feed("pixels", pixels);
    this.session.feed("placement", placement);
    this.session.run();
    return this.session.read("p");
  }

  dispose(): void {
    this.session.dispose();
    if (this.#ownsStates) this.states.dispose();
  }
}
