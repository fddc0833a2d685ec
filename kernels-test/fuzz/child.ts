// The process in which readers are tried, so that one that stands still or ends it can be told by the process that started it.
// Arguments: seed, file of the state, and per target its name, first try, number of tries and time in ms, joined by colons.
import { openSync } from "node:fs";
import { attempt, MUTATION_FAILED, type Fault, type Tally } from "./attempts.ts";
import { TARGETS } from "./targets.ts";

export type Message =
  | { readonly kind: "begins"; readonly name: string }
  | { readonly kind: "fault"; readonly fault: Omit<Fault, "input"> & { readonly input: string } }
  | { readonly kind: "done"; readonly name: string; readonly tally: Tally };

const [seed, stateFile, ...wanted] = process.argv.slice(2);
const state = openSync(stateFile, "w");
const send = (message: Message): void => void process.send?.(message);

for (const one of wanted) {
  const [name, from, tries, limitMs] = one.split(":");
  const target = await TARGETS[name]();
  send({ kind: "begins", name });
  const range = { name, seed: Number(seed), from: Number(from), to: Number(from) + Number(tries), limitMs: Number(limitMs), state };
  const report = (fault: Fault): void => send({ kind: "fault", fault: { ...fault, input: Buffer.from(fault.input).toString("base64") } });
  const tally = await attempt(target, range, report).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(MUTATION_FAILED);
  });
  send({ kind: "done", name, tally });
}
process.disconnect?.();
