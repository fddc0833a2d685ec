// The run that the worker holds: one at a time, for all rooms that show it.
import type { Learner } from "./learner.ts";

let held: Learner | null = null;

/** The run. Throws where none is open. */
export function current(): Learner {
  if (!held) throw new Error("no run is open");
  return held;
}

/** Holds another run, or none; the one before is freed. */
export function hold(learner: Learner | null): void {
  held?.dispose();
  held = learner;
}
