import { openDevice, googlenet, loadImage } from "striatum";
await using device = await openDevice();
const net = await googlenet.load(device, "weights/bvlc_googlenet.caffemodel");
const [best] = await net.classify(await loadImage("cat.jpg"), { top: 5 });
console.log(best.label, best.score.toFixed(3));
