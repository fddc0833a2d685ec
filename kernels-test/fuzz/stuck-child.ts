// Stands in for child.ts in tests of its watcher: try 0 stands still, try 1 ends the process, try 2 stands still in its first process only, and the
// next process makes the rest.
import { existsSync, writeFileSync } from "node:fs";
import type { Message } from "./child.ts";

const [, stateFile, wanted] = process.argv.slice(2);
const [name, from, tries] = wanted.split(":");
const send = (message: Message): void => void process.send?.(message);

send({ kind: "begins", name });
writeFileSync(stateFile, `${name} ${from}`);
const visited = existsSync(`${stateFile}-visited`);
if (from === "2") writeFileSync(`${stateFile}-visited`, "");
if (from === "0" || (from === "2" && !visited)) for (;;);
// The message has to be out first.
if (from === "1") setTimeout(() => process.abort(), 100);
else {
  send({ kind: "done", name, tally: { tries: Number(tries), accepted: Number(tries), refused: 0, slowestMs: 1 } });
  process.disconnect?.();
}
