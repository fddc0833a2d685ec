// SqueezeNet v1.0: Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", table 1. A fully convolutional classifier:
// the last convolution has one output per class, and the mean of its map is the logits. 1,248,424 parameters at 1000 classes.
import type { Value } from "../../src/graph/graph.ts";
import { gaussian, xavier, type Layers, type Network } from "../../src/models/network.ts";

export const squeezenet: Network = {
  name: "squeezenet",
  title: "SqueezeNet",
  size: 227,
  lastLayers: ["conv10"],
  auxiliary: [],
  mean: [104, 117, 123],
  weightDecay: 2e-4,

  build(layers, x, classes) {
    let y = layers.conv("conv1", x, 96, 7, { stride: 2, filler: xavier, bias: 0, relu: "relu_conv1" });
    y = layers.maxPool("pool1", y, 3, 2);
    y = fire(layers, "fire3", fire(layers, "fire2", y, 16, 64), 16, 64);
    y = layers.maxPool("pool4", fire(layers, "fire4", y, 32, 128), 3, 2);
    y = fire(layers, "fire6", fire(layers, "fire5", y, 32, 128), 48, 192);
    y = fire(layers, "fire8", fire(layers, "fire7", y, 48, 192), 64, 256);
    y = fire(layers, "fire9", layers.maxPool("pool8", y, 3, 2), 64, 256);
    y = layers.dropout("drop9", y, 0.5);
    y = layers.conv("conv10", y, { exactly: classes }, 1, { filler: gaussian(0.01), bias: 0, relu: "relu_conv10" });
    // 13 x 13 at 227 pixels; at other sizes likewise the whole map.
    const logits = layers.flatten("flatten", layers.averagePool("pool10", y, y.shape[1], 1));
    return [{ name: "loss", logits, lossWeight: 1 }];
  },
};

/** Figure 2 of the paper: a 1 x 1 convolution squeezes the channels; one of 1 x 1 and one of 3 x 3 expand them to `expand` each. */
function fire(layers: Layers, name: string, x: Value, squeeze: number, expand: number): Value {
  const conv = (part: string, from: Value, outputs: number, kernel: number): Value =>
    layers.conv(`${name}/${part}`, from, outputs, kernel, { pad: (kernel - 1) / 2, filler: xavier, bias: 0, relu: `${name}/relu_${part}` });
  const squeezed = conv("squeeze1x1", x, squeeze, 1);
  return layers.concat(`${name}/concat`, [conv("expand1x1", squeezed, expand, 1), conv("expand3x3", squeezed, expand, 3)]);
}
