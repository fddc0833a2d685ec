// Learning-rate schedules, Caffe's formulas (sgd_solver.cpp): functions of the step, which counts from 0.

/** The learning rate of a step. */
export interface RateSchedule {
  at(step: number): number;
  /** A description for run files and messages: "step(0.01, every 100, gamma 0.1)". */
  readonly description: string;
}

/** base, always. */
export const fixedRate = (base: number): RateSchedule => ({ at: () => base, description: `fixed(${base})` });

/** base * gamma^floor(step / every). */
export function stepRate(base: number, { every, gamma }: { every: number; gamma: number }): RateSchedule {
  if (!(every >= 1)) throw new Error(`step schedule: every must be at least 1 step, got ${every}`);
  return { at: (step) => base * gamma ** Math.floor(step / every), description: `step(${base}, every ${every}, gamma ${gamma})` };
}

/** A schedule after a warm-up: over the first `steps` steps the rate rises in a straight line (Goyal et al. 2017, arXiv 1706.02677). */
export function warmedUp(schedule: RateSchedule, steps: number): RateSchedule {
  if (steps === 0) return schedule;
  const at = (step: number): number => schedule.at(step) * Math.min(1, (step + 1) / steps);
  return { at, description: `${schedule.description}, warmed up over ${steps} steps` };
}

/** base * (1 - step / steps)^power; 0 once `steps` are done. */
export function polyRate(base: number, { steps, power }: { steps: number; power: number }): RateSchedule {
  if (!(steps >= 1)) throw new Error(`poly schedule: steps must be at least 1, got ${steps}`);
  return { at: (step) => base * Math.max(0, 1 - step / steps) ** power, description: `poly(${base}, ${steps} steps, power ${power})` };
}
