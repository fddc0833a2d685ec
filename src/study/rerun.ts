// The command that reproduces a protocol, with only the options that differ from the profile's values.
import { cohortOf, protocolOf, usualSeeds, type RecipePart } from "./profiles.ts";
import { MODEL_IDS, type Protocol } from "./protocol.ts";

/** Folders and files are written as DIR and FILE: their names are private. */
export function commandOf(protocol: Protocol, external = false): string {
  const { profile, cohort, seeds, models, pretraining } = protocol;
  const chosen = models.map(({ id }) => id);
  const usual = protocolOf(profile, { models: chosen, ...(pretraining?.kind === "file" && { weights: pretraining }) });
  const words = ["npm run study --", `--profile ${profile}`];
  if (seeds.join() !== usualSeeds(profile).join()) words.push(`--seeds ${seeds.join(",")}`);
  if (chosen.length < MODEL_IDS.length) words.push(`--models ${chosen.join(",")}`);
  const own = cohortOf(profile);
  if (cohort.kind === "folder") words.push("--data DIR", ...(cohort.splitSeed ? [`--split-seed ${cohort.splitSeed}`] : []));
  else if (own.kind === "synthetic") {
    if (cohort.cases !== own.cases) words.push(`--cases ${cohort.cases}`);
    if (cohort.seed !== own.seed) words.push(`--cohort-seed ${cohort.seed}`);
  }
  if (protocol.finding !== undefined) words.push(`--finding ${JSON.stringify(protocol.finding)}`);
  const { windowHu, slices, slab } = protocol.images;
  if (windowHu.centerHu !== usual.images.windowHu.centerHu || windowHu.widthHu !== usual.images.windowHu.widthHu)
    words.push(`--window ${windowHu.centerHu}/${windowHu.widthHu}`);
  if (slices !== usual.images.slices) words.push(`--slices ${slices}`);
  if (slab && cohort.kind === "folder") words.push("--slab");
  const { iterations } = models[0].solver;
  if (iterations !== usual.models[0].solver.iterations) words.push(`--iterations ${iterations}`);
  const { average } = models[0].solver;
  if (average !== undefined && average !== usual.models[0].solver.average) words.push(`--average ${average}`);
  const left = partsLeftOut(protocol, usual);
  if (left.length > 0) words.push(`--without ${left.join(",")}`);
  if (protocol.mirrorScores && !usual.mirrorScores) words.push("--mirror-scores");
  if (pretraining?.kind === "fractal" && usual.pretraining?.kind === "fractal") {
    const epochs = Object.values(pretraining.recipes)[0].epochs;
    if (profile === "quick" || epochs !== Object.values(usual.pretraining.recipes)[0].epochs) words.push(`--pretraining-epochs ${epochs}`);
  }
  if (pretraining?.kind === "file" && !pretraining.shipped)
    for (const network of Object.keys(pretraining.files)) words.push(`--weights-${network} FILE`);
  if (external) words.push("--external DIR");
  return words.join(" ");
}

/** Parts of the usual recipe that a protocol is without. */
function partsLeftOut({ init, images, models: [{ solver }] }: Protocol, usual: Protocol): RecipePart[] {
  const [{ solver: full }] = usual.models;
  const parts: Record<RecipePart, boolean> = {
    lsuv: usual.init === "lsuv" && init !== "lsuv",
    "head-crop": usual.images.headCrop !== undefined && images.headCrop === undefined,
    "warm-up": full.warmUp > 0 && solver.warmUp === 0,
    decay: full.policy !== "fixed" && solver.policy === "fixed",
  };
  return (Object.keys(parts) as RecipePart[]).filter((part) => parts[part]);
}
