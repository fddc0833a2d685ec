// npm run fuzz -- --minutes N --seed S: tries all readers, or those of --target NAME, for so long. Each kind of fault is printed as it is found and its
// input, minimised, written to runs/fuzz; exit code 1 where there is one.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Fault, Tally } from "./attempts.ts";
import { campaign } from "./campaign.ts";
import { judge } from "./judge.ts";
import { TARGETS } from "./targets.ts";

const OUT = "runs/fuzz";
const line = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Math.floor(Date.now() / 1000)) },
    target: { type: "string", multiple: true },
    input: { type: "string" },
  },
});
const names = values.target ?? Object.keys(TARGETS);
const stranger = names.find((name) => !(name in TARGETS));
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (stranger !== undefined || !(minutes > 0) || !Number.isInteger(seed)) {
  line(`usage: npm run fuzz -- [--minutes N] [--seed S] [--target NAME ...] [--input FILE]; targets: ${Object.keys(TARGETS).join(", ")}`);
  process.exit(2);
}

function save({ target, fault, index, input }: Fault): void {
  mkdirSync(OUT, { recursive: true });
  const path = join(OUT, `${target}-seed${seed}-${index}.bin`);
  writeFileSync(path, input);
  line(
    `FAULT ${target}: ${fault}\n  try ${index} of seed ${seed}, ${input.length} bytes: npm run fuzz -- --target ${target} --input ${path}`,
  );
}

if (values.input !== undefined) {
  const outcome = await judge(await TARGETS[names[0]](), readFileSync(values.input));
  line(typeof outcome === "string" ? outcome : `FAULT ${outcome.fault}`);
  process.exit(typeof outcome === "string" ? 0 : 1);
}

const limitMs = (60_000 * minutes) / names.length;
line(`seed ${seed}: ${names.length} targets, ${(limitMs / 1000).toFixed(1)} s each`);
const { tallies, faults } = await campaign(
  seed,
  names.map((name) => ({ name, from: 0, tries: 2 ** 31, limitMs })),
  { onFault: save },
);
const row = (name: string, { tries, accepted, refused, slowestMs }: Tally): string =>
  `| ${name} | ${tries.toLocaleString("en")} | ${accepted.toLocaleString("en")} | ${refused.toLocaleString("en")} | ${Math.round(slowestMs)} |`;
line("| target | tries | accepted | refused | slowest, ms |\n| --- | --- | --- | --- | --- |");
for (const [name, tally] of tallies) line(row(name, tally));
const sum = (of: (tally: Tally) => number): number => [...tallies.values()].reduce((total, tally) => total + of(tally), 0);
line(
  row("all", {
    tries: sum(({ tries }) => tries),
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => refused),
    slowestMs: Math.max(...[...tallies.values()].map(({ slowestMs }) => slowestMs)),
  }),
);
line(`${faults.length} ${faults.length === 1 ? "kind" : "kinds"} of fault`);
process.exitCode = faults.length > 0 ? 1 : 0;
