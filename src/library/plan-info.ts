// How a step is computed, and how long its launches take.
import type { Plan } from "../engine/planner.ts";
import type { LaunchTime, Session } from "../engine/session.ts";
import { launchesOf, type LaunchInfo } from "./launches.ts";

/** How a step is computed. */
export interface PlanInfo {
  /** Its launches in order. */
  readonly launches: readonly LaunchInfo[];
  /** Bytes of each arena, memory that values share which do not live at the same time. */
  readonly arenas: readonly number[];
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
  const { arenas, peakBytes, boundBytes }: Plan = session.plan;
  return { launches: launchesOf(session), arenas, peakBytes, boundBytes };
}

/** Times of every launch in `repeats` steps, after one that does not count. */
export async function timesOf(session: Session, repeats: number): Promise<LaunchMilliseconds[]> {
  await session.profile();
  const steps: LaunchTime[][] = [];
  for (let i = 0; i < repeats; i++) steps.push(await session.profile());
  return launchesOf(session).map(({ id, index }) => ({ id, milliseconds: steps.map((step) => step[index].microseconds / 1000) }));
}
