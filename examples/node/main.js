// Classifies a picture of a fractal in Node, with the small network that ships with the package.
import { fileURLToPath } from "node:url";
import { googlenet, loadImage, openDevice } from "striatum";

const weights = fileURLToPath(import.meta.resolve("striatum/weights/googlenet-quarter-fractals.safetensors"));
const device = await openDevice();
const net = await googlenet.load(device, weights);
const guesses = await net.classify(await loadImage("fractal-7.png"));
for (const { label, score } of guesses) console.log(score.toFixed(6), label);
await device.dispose();
