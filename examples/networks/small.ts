// A small network with every building block: a module of three branches, an auxiliary head half-way, a fully convolutional classifier.
import { xavier, type Head, type Network } from "../../src/models/network.ts";

export const small: Network = {
  name: "small",
  title: "Small",
  size: 64,
  lastLayers: ["early/fc", "classifier"],
  auxiliary: ["early/conv", "early/fc"],
  mean: [104, 117, 123],
  weightDecay: 5e-4,

  build(layers, x, classes) {
    const filler = { filler: xavier, bias: 0.1 };
    // [n, 64, 64, 4] to [n, 30, 30, 32], then to [n, 15, 15, 32].
    let y = layers.conv("conv1", x, 32, 5, { ...filler, stride: 2, relu: "relu1" });
    y = layers.maxPool("pool1", layers.lrn("norm1", y), 3, 2);
    // Three branches to [n, 15, 15, 48], then to [n, 7, 7, 48]. The last branch has no ReLU.
    y = layers.concat("module/concat", [
      layers.conv("module/1x1", y, 16, 1, { ...filler, relu: "module/relu_1x1" }),
      layers.conv("module/3x3", y, 16, 3, { ...filler, pad: 1, groups: 2, relu: "module/relu_3x3" }),
      layers.conv("module/pool_proj", layers.maxPool("module/pool", y, 3, 1, 1), 16, 1, filler),
    ]);
    y = layers.maxPool("pool2", y, 3, 2);

    const early: Head[] = [];
    if (layers.training) {
      const hidden = layers.conv("early/conv", layers.averagePool("early/mean", y, 3, 2), 8, 1, { ...filler, relu: "early/relu" });
      early.push({ name: "early", logits: layers.innerProduct("early/fc", hidden, classes, xavier, 0), lossWeight: 0.3 });
    }

    // One channel for each class, [n, 7, 7, classes]; its mean over the map, [n, 1, 1, classes], is the logits, [n, classes].
    y = layers.conv("classifier", layers.dropout("drop", y, 0.5), { exactly: classes }, 1, filler);
    const logits = layers.flatten("logits", layers.averagePool("mean", y, y.shape[1], 1));
    return [{ name: "loss", logits, lossWeight: 1 }, ...early];
  },
};
