// A scoring pass beside the fast one, with other passes or kernels.
import { Session } from "../engine/session.ts";
import { PASSES, type PassName } from "../passes/index.ts";
import { scoringGraph } from "../train/graphs.ts";
import { KERNEL_FAMILY } from "./arguments.ts";
import { expectOptions, kind, whole, type Kind } from "./check.ts";
import type { KernelFamily } from "./device.ts";
import { feedOf } from "./feeds.ts";
import { pictureOfInput, type PictureInput } from "./pictures.ts";
import { planInfo, timesOf, type LaunchMilliseconds, type PlanInfo } from "./plan-info.ts";
import type { Subject } from "./subject.ts";

/** Names of the passes: rewrites that fuse layers and leave the meaning alone. */
export type PlanPass =
  | "residual-sum"
  | "norm-epilogue"
  | "relu-epilogue"
  | "dropout-epilogue"
  | "gradient-sum"
  | "relu-gate"
  | "pool-winners"
  | "lrn-pool"
  | "loss-gradient"
  | "update"
  | "inception"
  | "concat-in-place";

/** Options of `variant`. */
export interface VariantOptions {
  /** Passes that are left out. Default: none. */
  readonly without?: readonly PlanPass[];
  /** Kernel family to prefer. Default: the device's. */
  readonly kernels?: KernelFamily;
}

const PASS_NAMES: Kind = kind(
  (value) => Array.isArray(value) && value.every((name) => PASSES.includes(name as PassName)),
  `an array of ${PASSES.join(", ")}`,
);

/** A scoring pass of one picture with other passes or kernels. */
export class Variant implements Disposable {
  /** How it is computed. */
  readonly plan: PlanInfo;
  readonly #subject: Subject;
  readonly #session: Session;
  #disposed = false;

  /** @internal */
  constructor(subject: Subject, session: Session) {
    this.plan = planInfo(session);
    this.#subject = subject;
    this.#session = session;
  }

  /** Probabilities of the classes for a picture. Throws a TypeError for what is not a picture. */
  async run(picture: PictureInput): Promise<Float32Array> {
    const { pixels, placement } = await feedOf(this.#subject.sight, await pictureOfInput(this.#subject.engine.platform, picture));
    this.#expectAlive();
    this.#session.feed("pixels", pixels);
    this.#session.feed("placement", placement);
    this.#session.run();
    return this.#session.read("p");
  }

  /** Times every launch. Throws where the device was opened without `timestamps: true`. Steps count from the second on. */
  async times(options: { readonly repeats?: number } = {}): Promise<LaunchMilliseconds[]> {
    expectOptions("times", options, { repeats: whole(1) });
    this.#expectAlive();
    return timesOf(this.#session, options.repeats ?? 1);
  }

  /** Frees what it took. */
  dispose(): void {
    if (!this.#disposed) this.#session.dispose();
    this.#disposed = true;
  }

  /** The same as `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #expectAlive(): void {
    if (this.#disposed) throw new Error("this variant was disposed");
    this.#subject.expectAlive();
  }
}

/** Opens a variant of what a microscope looks at. */
export async function openVariant(subject: Subject, options: VariantOptions): Promise<Variant> {
  expectOptions("variant", options, { without: PASS_NAMES, kernels: KERNEL_FAMILY });
  const { without = [], kernels } = options;
  const { engine, sessionOptions, states, options: graphOptions } = subject;
  const { graph } = scoringGraph({ ...graphOptions, batch: 1 });
  const session = await Session.open(engine, graph, {
    ...sessionOptions,
    ...(kernels && { families: [kernels] }),
    passes: PASSES.filter((name) => !without.includes(name)),
    states,
  });
  return new Variant(subject, session);
}
