// Classifies a picture by an ONNX file of a network that torchvision trained.
import { readFileSync } from "node:fs";
import { openDevice } from "../../src/index.ts";
import { readOnnx, TORCHVISION } from "../../src/onnx.ts";

const [file, picture] = process.argv.slice(2);
if (!file || !picture) throw new Error("usage: classify-onnx.ts MODEL.onnx PICTURE");

const device = await openDevice();
const net = await readOnnx(readFileSync(file), { file, preprocessing: TORCHVISION }).open(device);
for (const { label, score } of await net.classify(picture)) console.log(`${label}: ${score.toFixed(3)}`);
net.dispose();
await device.dispose();
