// How a step is computed, and how long its launches take.
import type { Plan } from "../engine/planner.ts";
import type { LaunchTime, Session } from "../engine/session.ts";
import { launchesOf, type LaunchInfo } from "./launches.ts";

/** A value in an arena: where it lies, and from which launch to which. Values of one arena may lie in the same place at different times. */
export interface ArenaValue {
  /** Its name in the graph; of memory that lives for one layer alone, the layer's and what it is for. */
  readonly name: string;
  /** Number of the arena. */
  readonly arena: number;
  /** First byte in the arena. */
  readonly offset: number;
  /** Bytes. */
  readonly bytes: number;
  /** Position in the step of the first launch that needs it. */
  readonly from: number;
  /** Position in the step of the last launch that needs it; the step's last one for what is read after it. */
  readonly to: number;
}

/** How a step is computed. */
export interface PlanInfo {
  /** Its launches in order. */
  readonly launches: readonly LaunchInfo[];
  /** Bytes of each arena, memory that values share which do not live at the same time. */
  readonly arenas: readonly number[];
  /** What lies in the arenas, in the order in which it is first needed. */
  readonly values: readonly ArenaValue[];
  /** Bytes of the whole step: inputs, states, arenas. */
  readonly peakBytes: number;
  /** Bytes that no plan could do without. */
  readonly boundBytes: number;
}

/** Time of one launch in a step that ran. */
export interface LaunchMilliseconds {
  /** Id of the launch. */
  readonly id: string;
  /** Milliseconds of each of the steps. */
  readonly milliseconds: readonly number[];
}

export function planInfo(session: Session): PlanInfo {
  const { arenas, values, peakBytes, boundBytes }: Plan = session.plan;
  return { launches: launchesOf(session), arenas, values, peakBytes, boundBytes };
}

/** Times of every launch in `repeats` steps, after one that does not count. */
export async function timesOf(session: Session, repeats: number): Promise<LaunchMilliseconds[]> {
  await session.profile();
  const steps: LaunchTime[][] = [];
  for (let i = 0; i < repeats; i++) steps.push(await session.profile());
  return launchesOf(session).map(({ id, index }) => ({ id, milliseconds: steps.map((step) => step[index].microseconds / 1000) }));
}
