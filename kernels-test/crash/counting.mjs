// Stands in for a training in tests of the crash run: counts to 30, writing each number, and goes on from the last one. Arguments: folder, and what is
// wrong with it: "nothing", "forgets" (its number is not replaced whole), "leaves" (a half-written file), "stops" (one whole file more) or "fails" (when it is run again).
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const [folder, fault] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const file = join(folder, "state.json");
const partial = join(folder, "state.partial");
const begun = existsSync(file);
if (fault === "fails" && begun) throw new Error("it is here already");
if (fault !== "leaves") rmSync(partial, { force: true });
const state = begun ? JSON.parse(readFileSync(file, "utf8")) : { number: 0, starts: 0 };
if (fault === "forgets") state.starts++;
for (; state.number < 30; state.number++) {
  writeFileSync(partial, JSON.stringify(state));
  await pause(10);
  if (fault === "leaves" && state.number === 29 && begun) writeFileSync(join(folder, "left.partial"), "");
  renameSync(partial, file);
  // Each change of names lasts: who looks at the folder now and then sees it.
  await pause(10);
}
if (fault === "stops" && begun) writeFileSync(join(folder, "step-1.txt"), "");
if (fault === "stops") writeFileSync(join(folder, "step-2.txt"), "");
writeFileSync(join(folder, "done.txt"), `${state.number} ${state.starts}`);
appendFileSync(join(folder, "run.json"), String(Date.now()));
