// A network of a program's own: trained on pictures that are drawn here, saved, loaded, asked.
import { openDevice } from "../../src/index.ts";
import { network, xavier } from "../../src/networks.ts";
import { openTrainer } from "../../src/trainer.ts";

const tiny = network({
  name: "tiny",
  size: 32,
  build(layers, x, classes) {
    const weights = { filler: { kind: "msra" }, bias: null, pad: 1 } as const;
    let y = layers.relu("relu1", layers.batchNorm("norm1", layers.conv("conv1", x, 16, 3, weights)));
    y = layers.relu("relu2", layers.batchNorm("norm2", layers.conv("conv2", y, 32, 3, { ...weights, stride: 2 })));
    return layers.innerProduct("scores", layers.globalAveragePool("pool", y), classes, xavier, 0);
  },
});

const labels = ["dark", "bright"];
const samples = Array.from({ length: 32 }, (_, i) => {
  const data = Uint8ClampedArray.from({ length: 4 * 36 * 36 }, (_value, at) => (((at >> 2) * 7919 + i * 31) % 97) + 100 * (i % 2));
  return { image: { width: 36, height: 36, data }, label: labels[i % 2] };
});

const device = await openDevice();
const trainer = await openTrainer(device, tiny({ classes: 2 }), { samples, labels, batch: 8, rate: 0.01 });
for (let round = 0; round < 4; round++) console.log(`loss ${(await trainer.step({ count: 10 })).loss.toFixed(3)}`);
await trainer.save("tiny.safetensors");
trainer.dispose();

const net = await tiny.load(device, "tiny.safetensors");
for (const { image } of samples.slice(0, 2)) console.log((await net.classify(image))[0].label);
net.dispose();
await device.dispose();
