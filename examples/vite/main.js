// Classifies a picture in a page.
import { googlenet, loadImage, openDevice } from "striatum";

const device = await openDevice();
const net = await googlenet.load(device, "bvlc_googlenet.caffemodel");
const [best] = await net.classify(await loadImage("cat.jpg"));
document.querySelector("output").textContent = `${best.label} ${best.score.toFixed(3)}`;
await device.dispose();
