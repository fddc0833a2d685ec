// The process of one engine: argv is its name and the workload as JSON. It runs tasks until its stdin ends.
import { createInterface } from "node:readline";
import type { Runtime } from "./runtime.ts";
import { OURS, PEERS } from "./peers.ts";
import { openOurs } from "./ours.ts";
import { decodeTask, encodeReply, type Task } from "./protocol.ts";
import type { Workload } from "./workload.ts";

const [name, json] = process.argv.slice(2);
const workload = JSON.parse(json) as Workload;

// stdout belongs to the protocol.
console.log = console.error;
console.info = console.error;
console.debug = console.error;

async function answer(runtime: Runtime, task: Task): Promise<unknown> {
  if (task === "describe") return runtime.describe();
  if (task === "infer") return runtime.infer();
  if (!runtime.train) throw new Error(`${name} cannot train`);
  return runtime.train();
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let opening: Promise<Runtime> | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const task = decodeTask(line);
  try {
    opening ??= name === OURS ? openOurs(workload) : PEERS[name].open(workload);
    process.stdout.write(encodeReply({ task, answer: await answer(await opening, task), cpuMs: cpuMs() }));
  } catch (error) {
    process.stdout.write(encodeReply({ task, failure: told(error), cpuMs: cpuMs() }));
  }
}
process.exit(0);
