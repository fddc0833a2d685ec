// probe
import { expect, test } from "vitest";
import { nin } from "../../examples/networks/nin.ts";
import { squeezenet } from "../../examples/networks/squeezenet.ts";
import { vgg16 } from "../../examples/networks/vgg16.ts";
import { beyondBounds, defineBy, lossesOf, open, largestDifference, type Lesson, type Choice } from "./float64-steps.ts";
import { momentumOf } from "../../src/train/training-graphs.ts";

const SIZES = { nin: 64, squeezenet: 64, vgg16: 32 } as Record<string, number>;
test.each([vgg16, nin, squeezenet])("$title", async (network) => {
  for (const filling of ["reference", "msra"] as const) {
  const lesson: Lesson = { network, classes: 3, width: 1 / 16, size: SIZES[network.name], batch: 2, pixelScale: 1 / 64, momentum: 0.9, weightDecay: 5e-4, filling, steps: 4, whole: 4 };
  let t = performance.now();
  const lap = (what: string) => { console.log(network.name, filling, what, Math.round(performance.now() - t)); t = performance.now(); };
  const definition = await defineBy(lesson);
  lap("define");
  console.log(definition.losses, definition.lossBounds);
  const { before, after, erring, stale } = definition;
  const names = Object.keys(after).filter((name) => name.startsWith(momentumOf("")));
  console.log("blind", names.filter((name) => largestDifference(stale[name], after[name]) <= largestDifference(erring[name], after[name])), "of", names.length);
  const w = names.map((name) => name.slice(momentumOf("").length));
  console.log("still", w.filter((name) => largestDifference(before[name], after[name]) <= largestDifference(erring[name], after[name])));
  for (const choice of [{}, {families: ["workgroup", "vector"]}, { families: ["textbook"], passes: [] }] as Choice[]) {
    const trainer = await open(lesson, choice);
    const losses = await lossesOf(trainer, lesson, 4);
    console.log(losses.map((l, i) => Math.abs(l - definition.losses[i]) / definition.lossBounds[i]));
    console.log(await beyondBounds(trainer, definition));
    trainer.dispose();
    lap(JSON.stringify(choice));
  }
  }
});
