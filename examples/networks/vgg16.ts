// VGG-16: Simonyan and Zisserman 2015, "Very deep convolutional networks for large-scale image recognition", table 1, column D.
// 138,357,544 parameters at 1000 classes.
import { gaussian, type Network } from "../../src/models/network.ts";

/** Channels of the 3 x 3 convolutions between two poolings. */
const BLOCKS = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

export const vgg16: Network = {
  name: "vgg16",
  title: "VGG-16",
  size: 224,
  lastLayers: ["fc8"],
  auxiliary: [],
  mean: [103.939, 116.779, 123.68],
  weightDecay: 5e-4,

  build(layers, x, classes) {
    const filler = gaussian(0.01);
    let y = x;
    for (const [block, channels] of BLOCKS.entries()) {
      for (const [i, outputs] of channels.entries()) {
        const name = `${block + 1}_${i + 1}`;
        y = layers.conv(`conv${name}`, y, outputs, 3, { pad: 1, filler, bias: 0, relu: `relu${name}` });
      }
      y = layers.maxPool(`pool${block + 1}`, y, 2, 2);
    }
    for (const i of [6, 7]) {
      y = layers.relu(`relu${i}`, layers.innerProduct(`fc${i}`, y, layers.channels(4096), filler, 0));
      y = layers.dropout(`drop${i}`, y, 0.5);
    }
    return [{ name: "loss", logits: layers.innerProduct("fc8", y, classes, filler, 0), lossWeight: 1 }];
  },
};
