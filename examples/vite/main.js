// Classifies a picture of a fractal in a page, with the small network that ships with the package.
import { googlenet, loadImage, openDevice } from "striatum";
import weights from "striatum/weights/googlenet-quarter-fractals.safetensors?url";

const device = await openDevice();
const net = await googlenet.load(device, weights);
const guesses = await net.classify(await loadImage("fractal-7.png"));
document.querySelector("pre").textContent = guesses.map(({ label, score }) => `${score.toFixed(6)} ${label}\n`).join("");
await device.dispose();
