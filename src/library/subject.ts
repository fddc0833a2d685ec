// What can be inspected, in one form for a network that was loaded and for one that learns.
import type { States } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Session, SessionOptions } from "../engine/session.ts";
import type { Parameter } from "../models/network.ts";
import type { GraphOptions } from "../train/graphs.ts";
import type { Sight } from "./feeds.ts";

export interface Subject {
  readonly engine: Engine;
  readonly sessionOptions: Omit<SessionOptions, "states">;
  readonly options: GraphOptions;
  readonly classes: readonly string[];
  readonly sight: Sight;
  readonly states: States;
  readonly parameters: readonly Parameter[];
  /** What runs fast: a scoring pass of one picture, or a training step. */
  readonly fast: Session;
  readonly learns: boolean;
  /** Seed of dropout, where it learns. */
  readonly seed: number;
  /** What has to be freed with it. */
  readonly owned: Set<{ dispose(): void }>;
  /** Throws once it or its device was disposed. */
  readonly expectAlive: () => void;
}

/** Subjects of things that programs hold, so that a microscope need not know their classes. */
const subjects = new WeakMap<object, () => Subject>();

/** Makes a thing one that can be inspected. */
export const inspectable = (thing: object, subject: () => Subject): void => void subjects.set(thing, subject);

/** What a thing shows of itself; null where it cannot be inspected. */
export const subjectOf = (thing: unknown): Subject | null => subjects.get(Object(thing))?.() ?? null;
