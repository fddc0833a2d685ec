// Classifies a picture by an ONNX file of a network that torchvision trained.
import { readFileSync } from "node:fs";
import { loadImage } from "../../src/index.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { pictureOf } from "../../src/dataset/image.ts";
import { readOnnx, TORCHVISION } from "../../src/onnx.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { scorePictures, topK } from "../../src/train/evaluate.ts";
import { storedSize } from "../../src/train/graphs.ts";
import { readPretrained } from "../../src/train/pretrained.ts";
import { Scorer } from "../../src/train/scorer.ts";
import { writeSafetensors } from "../../src/weights/safetensors.ts";
import { joinChunks } from "../../src/weights/protobuf.ts";

const [file, picture] = process.argv.slice(2);
if (!file || !picture) throw new Error("usage: classify-onnx.ts MODEL.onnx PICTURE");

const network = readOnnx(readFileSync(file), { file, preprocessing: TORCHVISION });
const weights = { file, bytes: joinChunks(writeSafetensors([...network.weights])) };
const trained = readPretrained(network, weights, network.labels ? { labels: network.labels } : {});

const engine = await openEngine(await openNodePlatform());
const scorer = await Scorer.open(engine, trained, { batch: 1 });
const image = pictureOf(await loadImage(picture), storedSize(network, network.size), trained.images.windowHu);
const [scores] = await scorePictures(scorer, [image]);
for (const { label, p } of topK(scores, trained.classes, 5)) console.log(`${label}: ${p.toFixed(3)}`);
scorer.dispose();
engine.dispose();
