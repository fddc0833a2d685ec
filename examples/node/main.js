// Classifies a picture in Node.
import { googlenet, loadImage, openDevice } from "striatum";

const device = await openDevice();
const net = await googlenet.load(device, "bvlc_googlenet.caffemodel");
const guesses = await net.classify(await loadImage("cat.jpg"));
for (const { label, score } of guesses) console.log(score.toFixed(6), label);
await device.dispose();
