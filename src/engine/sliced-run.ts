// One step in several submissions, so that whatever else draws on the device comes in between. The launches and their order are those of a whole step, and so
// are the bits.
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** Steps of a session whose launches are measured, one submission each; the first also pays for what the driver compiles late. */
const MEASURED_STEPS = 2;

interface Costs {
  /** Shortest time from submission to end of each launch. */
  readonly milliseconds: Float64Array;
  steps: number;
}

const costs = new WeakMap<Session, Costs>();

/**
 * Runs one step in submissions of at most `most` milliseconds of work as measured here, each begun when the one before is done; a launch that takes longer is
 * a submission of its own. The first steps of a session that run so are measured, launch by launch. Resolves when the step is done.
 */
export async function runInSlices(session: Session, engine: Engine, most: number): Promise<void> {
  const { length } = session.plan.launches;
  const known = costs.get(session) ?? { milliseconds: new Float64Array(length).fill(Infinity), steps: 0 };
  costs.set(session, known);
  const { milliseconds } = known;
  const measures = known.steps++ < MEASURED_STEPS;
  // What each submission costs beside its work: the shortest was hardly more than that.
  const overhead = measures ? 0 : Math.min(...milliseconds);
  for (let from = 0; from < length;) {
    const end = measures ? from + 1 : endOfPart(milliseconds, overhead, from, most);
    const begun = engine.platform.now();
    session.runPart(from, end);
    await engine.idle();
    if (measures) milliseconds[from] = Math.min(milliseconds[from], engine.platform.now() - begun);
    from = end;
  }
}

/** The end of a part that begins with a launch: the first launch whose work would be too much. */
function endOfPart(milliseconds: Float64Array, overhead: number, from: number, most: number): number {
  let work = milliseconds[from] - overhead;
  let end = from + 1;
  for (; end < milliseconds.length; end++) {
    work += milliseconds[end] - overhead;
    if (work > most) break;
  }
  return end;
}
