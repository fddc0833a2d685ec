// One line of JSON per message: the driver writes a task's name to an engine's stdin, the engine replies on its stdout. Other
// output of libraries there is ignored.
import type { Tasks } from "./runtime.ts";

export type Task = keyof Tasks;

/** `cpuMs`: processor time of the engine's process so far. */
export type Reply = { readonly task: Task; readonly cpuMs: number } & ({ readonly answer: unknown } | { readonly failure: string });

const TASKS: readonly string[] = ["describe", "infer", "train"] satisfies readonly Task[];

const isTask = (value: unknown): value is Task => typeof value === "string" && TASKS.includes(value);

export const encodeTask = (task: Task): string => `${JSON.stringify({ task })}\n`;

/** Throws on anything but a task: only the driver writes to an engine. */
export function decodeTask(line: string): Task {
  const { task } = JSON.parse(line) as { task?: unknown };
  if (!isTask(task)) throw new Error(`protocol: expected one of ${TASKS.join(", ")}, got ${line}`);
  return task;
}

export const encodeReply = (reply: Reply): string => `${JSON.stringify(reply)}\n`;

/** Null for a line that is not a reply. */
export function decodeReply(line: string): Reply | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { task, cpuMs, answer, failure } = value as Record<string, unknown>;
  if (!isTask(task) || typeof cpuMs !== "number") return null;
  if (typeof failure === "string") return { task, cpuMs, failure };
  return typeof answer === "object" && answer !== null ? { task, cpuMs, answer } : null;
}
