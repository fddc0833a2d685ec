// AlexNet as BVLC's bvlc_alexnet: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural networks",
// in one column with two groups; convolution, ReLU, normalisation, pooling in this order. 60,965,224 parameters at 1000 classes.
import { gaussian, type Network } from "./network.ts";

export const alexnet: Network = {
  name: "alexnet",
  title: "AlexNet",
  size: 227,
  lastLayers: ["fc8"],
  auxiliary: [],
  mean: "image",
  weightDecay: 5e-4,

  build(layers, x, classes) {
    const filler = gaussian(0.01);
    let y = layers.conv("conv1", x, 96, 11, { stride: 4, filler, bias: 0, relu: "relu1" });
    y = layers.maxPool("pool1", layers.lrn("norm1", y), 3, 2);
    y = layers.conv("conv2", y, 256, 5, { pad: 2, groups: 2, filler, bias: 0.1, relu: "relu2" });
    y = layers.maxPool("pool2", layers.lrn("norm2", y), 3, 2);
    y = layers.conv("conv3", y, 384, 3, { pad: 1, filler, bias: 0, relu: "relu3" });
    y = layers.conv("conv4", y, 384, 3, { pad: 1, groups: 2, filler, bias: 0.1, relu: "relu4" });
    y = layers.conv("conv5", y, 256, 3, { pad: 1, groups: 2, filler, bias: 0.1, relu: "relu5" });
    y = layers.maxPool("pool5", y, 3, 2);

    y = layers.innerProduct("fc6", y, layers.channels(4096), gaussian(0.005), 0.1);
    y = layers.dropout("drop6", layers.relu("relu6", y), 0.5);
    y = layers.innerProduct("fc7", y, layers.channels(4096), gaussian(0.005), 0.1);
    y = layers.dropout("drop7", layers.relu("relu7", y), 0.5);
    return [{ name: "loss", logits: layers.innerProduct("fc8", y, classes, filler, 0), lossWeight: 1 }];
  },
};
