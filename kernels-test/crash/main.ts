// npm run crash -- --count N --seed S: kills a training and a study of two processes at N drawn moments in all, runs them again, and compares their files with
// undisturbed ones bit by bit. Exit code 1 where something is lost; its folder is then kept.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Draws } from "../fuzz/draws.ts";
import { writePictures } from "../support/study-cases.ts";
import { chain, reference } from "./chain.ts";
import { subjects } from "./subjects.ts";

const line = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20" },
    seed: { type: "string", default: String(Math.floor(Date.now() / 1000)) },
    "study-share": { type: "string", default: "0.25" },
  },
});
const [count, seed, share] = [Number(values.count), Number(values.seed), Number(values["study-share"])];
if (!(count >= 1 && Number.isInteger(count)) || !Number.isInteger(seed) || !(share >= 0 && share <= 1)) {
  line("usage: npm run crash -- [--count N] [--seed S] [--study-share 0..1]");
  process.exit(2);
}

const CASES = 30;
const KILLS_OF_A_CHAIN = 4;
/** After so many of one kind the rest would show nothing new. */
const MOST_LOSSES = 5;
const scratch = mkdtempSync(join(tmpdir(), "striatum-crash-"));
const pictures = join(scratch, "pictures");
writePictures(pictures, CASES);
line(`seed ${seed}: ${count} kills in ${scratch}`);

let losses = 0;
const inStudy = Math.round(share * count);
const wanted = { train: count - inStudy, study: inStudy };
const rows: string[] = [];
for (const [kind, subject] of Object.entries(subjects(pictures))) {
  const all = wanted[kind as keyof typeof wanted];
  if (all === 0) continue;
  const known = await reference(subject, join(scratch, `${kind}-undisturbed`));
  const draws = new Draws(subject.name, seed, 0);
  let [kills, chains, lost] = [0, 0, 0];
  while (kills < all && lost < MOST_LOSSES) {
    const out = join(scratch, `${kind}-${chains++}`);
    const ended = await chain(subject, { out, kills: Math.min(KILLS_OF_A_CHAIN, all - kills), draws, known });
    kills += ended.kills;
    line(`${subject.name}: ${kills} of ${all} kills`);
    if (ended.lost === null) continue;
    lost++;
    line(`LOST ${out}: ${ended.lost}`);
  }
  losses += lost;
  rows.push(`| ${subject.name} | ${kills} | ${chains} | ${lost} |`);
}
line(`| killed | kills | run to their ends | lost |\n| --- | --- | --- | --- |\n${rows.join("\n")}`);
if (losses === 0) rmSync(scratch, { recursive: true });
process.exitCode = losses > 0 ? 1 : 0;
