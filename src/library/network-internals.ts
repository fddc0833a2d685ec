// What the library itself uses of a network that was loaded; no part of the public interface.
import type { Engine } from "../engine/engine.ts";
import type { SessionOptions } from "../engine/session.ts";
import type { TrainedNetwork } from "../train/pretrained.ts";
import type { Scorer } from "../train/scorer.ts";

export interface NetworkInternals {
  readonly engine: Engine;
  readonly sessionOptions: Pick<SessionOptions, "families" | "tuned">;
  /** All but the file's values. */
  readonly trained: Omit<TrainedNetwork, "weights" | "mean">;
  readonly scorer: Scorer;
  /** What has to be freed with the network. */
  readonly owned: Set<{ dispose(): void }>;
  /** Throws once the network or its device was disposed. */
  readonly expectAlive: () => void;
}
