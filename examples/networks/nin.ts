// Network in Network: Lin, Chen and Yan 2014, in the form for ImageNet that its authors gave to Caffe's model zoo. Convolutions of 1 x 1 ("cccp")
// follow each convolution, and the mean of the last map is the classifier. 7,595,176 parameters at 1000 classes.
import type { Value } from "../../src/graph/graph.ts";
import { gaussian, type Layers, type Network, type Outputs } from "../../src/models/network.ts";

export const nin: Network = {
  name: "nin",
  title: "Network in Network",
  size: 224,
  lastLayers: ["cccp8"],
  auxiliary: [],
  mean: "image",
  weightDecay: 5e-4,

  build(layers, x, classes) {
    let y = conv(layers, "conv1", x, 96, 11, 0, 4);
    y = conv(layers, "cccp2", conv(layers, "cccp1", y, 96, 1), 96, 1);
    y = conv(layers, "conv2", layers.maxPool("pool1", y, 3, 2), 256, 5, 2);
    y = conv(layers, "cccp4", conv(layers, "cccp3", y, 256, 1), 256, 1);
    y = conv(layers, "conv3", layers.maxPool("pool2", y, 3, 2), 384, 3, 1);
    y = conv(layers, "cccp6", conv(layers, "cccp5", y, 384, 1), 384, 1);
    y = layers.dropout("drop", layers.maxPool("pool3", y, 3, 2), 0.5);
    y = conv(layers, "conv4", y, 1024, 3, 1);
    y = conv(layers, "cccp8", conv(layers, "cccp7", y, 1024, 1), { exactly: classes }, 1);
    // 6 x 6 at 224 pixels; at other sizes likewise the whole map.
    const logits = layers.flatten("flatten", layers.averagePool("pool4", y, y.shape[1], 1));
    return [{ name: "loss", logits, lossWeight: 1 }];
  },
};

function conv(layers: Layers, name: string, x: Value, outputs: Outputs, kernel: number, pad = 0, stride = 1): Value {
  return layers.conv(name, x, outputs, kernel, { stride, pad, filler: gaussian(0.05), bias: 0, relu: `relu_${name}` });
}
