// Stands in for child.ts in a test of its watcher: the first process stands still in its first try, the second ends in its own, the third makes the rest.
import { writeFileSync } from "node:fs";
import type { Message } from "./child.ts";

const [, stateFile, wanted] = process.argv.slice(2);
const [name, from, tries] = wanted.split(":");
const send = (message: Message): void => void process.send?.(message);

send({ kind: "begins", name });
writeFileSync(stateFile, `${name} ${from}`);
if (from === "0") for (;;);
// The message has to be out first.
if (from === "1") setTimeout(() => process.abort(), 100);
else {
  send({ kind: "done", name, tally: { tries: Number(tries), accepted: Number(tries), refused: 0, slowestMs: 1 } });
  process.disconnect?.();
}
