// Classifies a picture in a page.
import { googlenet, loadImage, openDevice } from "striatum";

const device = await openDevice();
const net = await googlenet.load(device, "bvlc_googlenet.caffemodel");
const guesses = await net.classify(await loadImage("cat.jpg"));
document.querySelector("pre").textContent = guesses.map(({ label, score }) => `${score.toFixed(6)} ${label}\n`).join("");
await device.dispose();
