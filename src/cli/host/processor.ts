// The load of the machine's processors by this and by other processes: times on a software adapter depend on it.
import { cpus } from "node:os";

export interface ProcessorTimes {
  /** All processors together, and what this process used of them. */
  readonly busyMs: number;
  readonly totalMs: number;
  readonly ownMs: number;
}

export function processorTimes(): ProcessorTimes {
  const all = cpus().map(({ times }) => times);
  const idleMs = all.reduce((sum, { idle }) => sum + idle, 0);
  const totalMs = all.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  const { user, system } = process.cpuUsage();
  return { busyMs: totalMs - idleMs, totalMs, ownMs: (user + system) / 1000 };
}

/** The share of all processors that other processes took between two readings: 0 on an idle machine. */
export function shareOfOthers(from: ProcessorTimes, to: ProcessorTimes): number {
  const others = to.busyMs - from.busyMs - (to.ownMs - from.ownMs);
  return Math.max(0, others) / Math.max(1, to.totalMs - from.totalMs);
}
