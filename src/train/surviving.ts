// Training that outlives its device: where the GPU is lost, another device is opened, and the work goes on from the last checkpoint, to the same bits.
import { DeviceLost } from "../engine/engine.ts";
import type { Platform } from "../platform/platform.ts";
import type { ProgressEvent } from "../platform/progress.ts";

/** Losses that are survived within a stretch of time: a device that is lost again and again has a cause that opening another does not mend. */
const MOST_LOSSES = 2;
const WITHIN_MS = 10 * 60_000;
/** Before each try to open another device: a driver may take a while to come back. */
const PAUSES_MS = [0, 2_000, 8_000];
/** How long a loss may take to be known once something went wrong. */
const KNOWN_WITHIN_MS = 100;

/** What is used of an engine here. */
export interface Losable {
  readonly adapterName: string;
  readonly device: { readonly lost: Promise<unknown> };
  /** It was let go of: what follows is no loss. */
  readonly disposed: boolean;
  dispose(): void;
}

/** What fails with a device may fail before its loss is known: `withinMs` waits for that. */
async function isLost(engine: Losable, withinMs = 0): Promise<boolean> {
  const moment = new Promise<false>((resolve) => void setTimeout(() => resolve(false), withinMs));
  return (await Promise.race([engine.device.lost.then(() => true), moment])) && !engine.disposed;
}

/** The engine that work runs on: the first one, or what was opened in its place. */
export class Engines<E extends Losable> {
  readonly #open: () => Promise<E>;
  readonly #pausesMs: readonly number[];
  #engine: Promise<E> | null;
  /** The first engine is its owner's, where it was given; the others are disposed of here. */
  #owned: boolean;

  constructor(open: () => Promise<E>, { first, pausesMs = PAUSES_MS }: { readonly first?: E; readonly pausesMs?: readonly number[] } = {}) {
    this.#open = open;
    this.#pausesMs = pausesMs;
    this.#engine = first ? Promise.resolve(first) : null;
    this.#owned = !first;
  }

  /** The engine; another one where it was lost. Throws DeviceLost where none can be opened, and where another adapter answers. */
  async current(): Promise<E> {
    const engine = await (this.#engine ??= this.#open());
    if (!(await isLost(engine))) return engine;
    const next = this.#reopen(engine.adapterName);
    this.#engine = next.catch(() => engine);
    return next;
  }

  /** Whether the engine is lost on which something failed. */
  async isLost(): Promise<boolean> {
    const engine = await this.#engine?.catch(() => null);
    return engine ? isLost(engine, KNOWN_WITHIN_MS) : false;
  }

  async #reopen(adapter: string): Promise<E> {
    let cause: unknown;
    for (const ms of this.#pausesMs) {
      await new Promise<void>((resolve) => void setTimeout(resolve, ms));
      try {
        const engine = await this.#open();
        if (engine.adapterName === adapter) {
          this.#owned = true;
          return engine;
        }
        engine.dispose();
        cause = new Error(`another adapter answers, whose bits are others: ${engine.adapterName}`);
      } catch (error) {
        cause = error;
      }
    }
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw new DeviceLost(
      `the GPU device was lost (${adapter}), and none could be opened in its place (${reason}): run the same command again to go on from the last checkpoint`,
      { cause },
    );
  }

  /** Disposes of the engine that was opened here, if any. */
  async dispose(): Promise<void> {
    if (this.#owned) (await this.#engine?.catch(() => null))?.dispose();
  }
}

/** Repeats work whose device is lost, at most twice within ten minutes. `attempt` must go on from what the one before it has written. */
export async function* surviving<E extends Losable, Event, Result>(
  engines: Engines<E>,
  clock: Pick<Platform, "now">,
  attempt: () => AsyncGenerator<Event, Result>,
): AsyncGenerator<Event | ProgressEvent, Result> {
  let losses: number[] = [];
  for (;;) {
    try {
      return yield* attempt();
    } catch (error) {
      if (!(error instanceof DeviceLost) && !(await engines.isLost())) throw error;
      const at = clock.now();
      losses = [...losses.filter((before) => at - before < WITHIN_MS), at];
      if (losses.length > MOST_LOSSES)
        throw new DeviceLost(
          `the GPU device was lost ${losses.length} times within ten minutes: run the same command again to go on from the last checkpoint; ` +
            "if it is lost again, use a smaller batch or look at the driver",
          { cause: error },
        );
      await engines.current();
      const told = error instanceof DeviceLost ? error.message : "the GPU device was lost";
      yield { kind: "note", text: `${told}: it was opened again, and the run goes on from its last checkpoint` };
    }
  }
}
