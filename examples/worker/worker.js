// Classifies pictures off the page's thread: takes addresses, answers with the likeliest classes.
import { googlenet, loadImage, openDevice } from "striatum";

addEventListener("message", async ({ data: { weights, picture } }) => {
  const device = await openDevice();
  const net = await googlenet.load(device, weights);
  const guesses = await net.classify(await loadImage(picture));
  await device.dispose();
  postMessage(guesses);
});
