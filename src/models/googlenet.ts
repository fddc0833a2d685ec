// GoogLeNet as BVLC's bvlc_googlenet: Szegedy et al. 2015, "Going deeper with convolutions", table 1. Two auxiliary classifiers hang off 4a
// and 4d while training. 6,998,552 parameters at 1000 classes, 13,378,280 with the auxiliary heads.
import type { Value } from "../graph/graph.ts";
import { xavier, type Head, type Layers, type Network } from "./network.ts";

/** Channels of a module's branches: 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; pool projection. */
type Branches = readonly [n1: number, n3Reduce: number, n3: number, n5Reduce: number, n5: number, projection: number];

export const googlenet: Network = {
  name: "googlenet",
  title: "GoogLeNet",
  size: 224,
  lastLayers: ["loss1/classifier", "loss2/classifier", "loss3/classifier"],
  auxiliary: ["loss1", "loss2"].flatMap((head) => [`${head}/conv`, `${head}/fc`, `${head}/classifier`]),
  mean: [104, 117, 123],
  weightDecay: 2e-4,

  build(layers, x, classes) {
    const auxiliary: Head[] = [];
    let y = conv(layers, "conv1", "7x7_s2", x, 64, 7, 3, 2);
    y = layers.lrn("pool1/norm1", layers.maxPool("pool1/3x3_s2", y, 3, 2));
    y = conv(layers, "conv2", "3x3_reduce", y, 64, 1);
    y = conv(layers, "conv2", "3x3", y, 192, 3, 1);
    y = layers.maxPool("pool2/3x3_s2", layers.lrn("conv2/norm2", y), 3, 2);

    y = inception(layers, "inception_3a", y, [64, 96, 128, 16, 32, 32]);
    y = inception(layers, "inception_3b", y, [128, 128, 192, 32, 96, 64]);
    y = layers.maxPool("pool3/3x3_s2", y, 3, 2);

    y = inception(layers, "inception_4a", y, [192, 96, 208, 16, 48, 64]);
    if (layers.training) auxiliary.push(auxiliaryHead(layers, "loss1", y, classes));
    y = inception(layers, "inception_4b", y, [160, 112, 224, 24, 64, 64]);
    y = inception(layers, "inception_4c", y, [128, 128, 256, 24, 64, 64]);
    y = inception(layers, "inception_4d", y, [112, 144, 288, 32, 64, 64]);
    if (layers.training) auxiliary.push(auxiliaryHead(layers, "loss2", y, classes));
    y = inception(layers, "inception_4e", y, [256, 160, 320, 32, 128, 128]);
    y = layers.maxPool("pool4/3x3_s2", y, 3, 2);

    y = inception(layers, "inception_5a", y, [256, 160, 320, 32, 128, 128]);
    y = inception(layers, "inception_5b", y, [384, 192, 384, 48, 128, 128]);
    // 7 x 7 at the paper's 224 pixels; at other sizes likewise the whole map.
    y = layers.dropout("pool5/drop_7x7_s1", layers.averagePool("pool5/7x7_s1", y, y.shape[1], 1), 0.4);
    const logits = layers.innerProduct("loss3/classifier", y, classes, xavier, 0);
    return [{ name: "loss3", logits, lossWeight: 1 }, ...auxiliary];
  },
};

function conv(layers: Layers, module: string, name: string, x: Value, outputs: number, kernel: number, pad = 0, stride = 1): Value {
  const relu = `${module}/relu_${name.replace("_s2", "")}`;
  return layers.conv(`${module}/${name}`, x, outputs, kernel, { stride, pad, filler: xavier, bias: 0.2, relu });
}

/** Figure 2b of the paper. */
function inception(layers: Layers, name: string, x: Value, [n1, n3Reduce, n3, n5Reduce, n5, projection]: Branches): Value {
  return layers.concat(`${name}/output`, [
    conv(layers, name, "1x1", x, n1, 1),
    conv(layers, name, "3x3", conv(layers, name, "3x3_reduce", x, n3Reduce, 1), n3, 3, 1),
    conv(layers, name, "5x5", conv(layers, name, "5x5_reduce", x, n5Reduce, 1), n5, 5, 2),
    conv(layers, name, "pool_proj", layers.maxPool(`${name}/pool`, x, 3, 1, 1), projection, 1),
  ]);
}

/** Section 5 of the paper: a small classifier half-way, whose loss counts 0.3. */
function auxiliaryHead(layers: Layers, name: string, x: Value, classes: number): Head {
  // 5 x 5 at the paper's 14 x 14 maps; small inputs have smaller maps.
  let y = layers.averagePool(`${name}/ave_pool`, x, Math.min(5, x.shape[1]), 3);
  y = layers.conv(`${name}/conv`, y, 128, 1, { filler: xavier, bias: 0.2, relu: `${name}/relu_conv` });
  y = layers.relu(`${name}/relu_fc`, layers.innerProduct(`${name}/fc`, y, layers.channels(1024), xavier, 0.2));
  y = layers.dropout(`${name}/drop_fc`, y, 0.7);
  return { name, logits: layers.innerProduct(`${name}/classifier`, y, classes, xavier, 0), lossWeight: 0.3 };
}
