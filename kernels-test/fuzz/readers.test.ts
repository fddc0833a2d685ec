// Every reader on inputs that are mutated from good ones: none is read wrong, none ends in an error of the language, none takes long. The inputs are the same
// in every run; `npm run fuzz` tries others, for as long as is wanted.
import { expect, test } from "vitest";
import { campaign } from "./campaign.ts";
import { TARGETS } from "./targets.ts";

const SEED = 12;
/** In all about twenty seconds on two cores that have nothing else to do: fewer of what takes longer. */
const USUAL = 800;
const FEWER: Readonly<Record<string, number>> = {
  "dicom-jpeg-2000-lossless": 300,
  "dicom-htj2k-lossless": 400,
  png: 500,
  "study.json": 400,
  "results.json": 120,
  "gallery.json": 300,
  "lock.json": 16,
};
const LIMIT_MS = 60_000;

test(
  "no fault in thousands of inputs",
  async () => {
    const wanted = Object.keys(TARGETS).map((name) => ({ name, from: 0, tries: FEWER[name] ?? USUAL, limitMs: LIMIT_MS }));
    const { faults, tallies } = await campaign(SEED, wanted);
    expect(faults.map(({ target, index, fault }) => `${target}, try ${index}: ${fault}`)).toEqual([]);
    for (const { name, tries } of wanted) expect([name, tallies.get(name)?.tries]).toEqual([name, tries]);
  },
  5 * LIMIT_MS,
);
