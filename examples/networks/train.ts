// Trains a network of this folder on a folder of cases, then classifies its validation cases with the weights that were saved.
import { openEngine } from "../../src/engine/engine.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { scoreCases } from "../../src/train/evaluate.ts";
import { defaultSettings, openCases, runJob, type JobSettings } from "../../src/train/job.ts";
import { readPretrained } from "../../src/train/pretrained.ts";
import { Scorer } from "../../src/train/scorer.ts";
import { readStart } from "../../src/train/start.ts";
import { topK } from "../../src/train/top-classes.ts";
import { nin } from "./nin.ts";
import { small } from "./small.ts";
import { squeezenet } from "./squeezenet.ts";
import { vgg16 } from "./vgg16.ts";

const [name, dir, out, epochs] = process.argv.slice(2);
const network = [nin, small, squeezenet, vgg16].find((each) => each.name === name);
if (!network || !dir || !out || !epochs) throw new Error("usage: train.ts nin|small|squeezenet|vgg16 DATA OUT EPOCHS");

const defaults = defaultSettings(network, null);
// Weights by He's rule and pixels of the order of 1: a start from which networks without pretraining soon learn.
const images = { ...defaults.images, pixelScale: 1 / 64 };
const settings: JobSettings = { ...defaults, init: "msra", images, batch: 8, rate: 0.003, epochs: Number(epochs) };

const engine = await openEngine(await openNodePlatform());
const data = await openCases(engine.platform, dir, settings, { only: ["train", "val"] });
for await (const event of runJob(settings, { engine, data, out, resume: false }))
  if (event.kind === "epoch") console.log(`epoch ${event.epoch}: validation loss ${event.metrics["validationLoss"]?.toFixed(4)}`);

const trained = readPretrained(network, await readStart(engine.platform.files, out));
const scorer = await Scorer.open(engine, trained, { batch: 4 });
for (const { label, p } of await scoreCases(scorer, data.images("val"))) {
  const [best] = topK(p, trained.classes, 1);
  console.log(`${data.classes[label]}: ${best.label} ${best.p.toFixed(3)}`);
}
scorer.dispose();
engine.dispose();
