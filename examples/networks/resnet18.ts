// ResNet-18: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", arXiv 1512.03385, table 1, as torchvision has it. 11,689,512
// learnt parameters at 1000 classes.
import type { Value } from "../../src/graph/graph.ts";
import { network } from "../../src/models/define.ts";
import type { FurtherLayers } from "../../src/models/further-layers.ts";
import { xavier } from "../../src/models/network.ts";

const MSRA = { filler: { kind: "msra" }, bias: null } as const;

export const resnet18 = network({
  name: "resnet18",
  title: "ResNet-18",
  size: 224,
  weightDecay: 1e-4,

  build(layers, x, classes) {
    let y = norm(layers, "bn1", layers.conv("conv1", x, 64, 7, { ...MSRA, stride: 2, pad: 3 }));
    y = layers.pool("maxpool", y, "max", { kernel: 3, stride: 2, pad: 1 });
    [64, 128, 256, 512].forEach((channels, stage) => {
      for (const block of [0, 1]) y = residual(layers, `layer${stage + 1}.${block}`, y, channels, stage > 0 && block === 0 ? 2 : 1);
    });
    return layers.innerProduct("fc", layers.globalAveragePool("avgpool", y), classes, xavier, 0);
  },
});

function norm(layers: FurtherLayers, name: string, x: Value): Value {
  return layers.relu(`${name}.relu`, layers.batchNorm(name, x));
}

/** Figure 2 of the paper. The shortcut is a convolution where the map changes. */
function residual(layers: FurtherLayers, name: string, x: Value, channels: number, stride: number): Value {
  let y = norm(layers, `${name}.bn1`, layers.conv(`${name}.conv1`, x, channels, 3, { ...MSRA, stride, pad: 1 }));
  y = layers.batchNorm(`${name}.bn2`, layers.conv(`${name}.conv2`, y, channels, 3, { ...MSRA, pad: 1 }));
  const shortcut =
    stride === 1 ? x : layers.batchNorm(`${name}.downsample.1`, layers.conv(`${name}.downsample.0`, x, channels, 1, { ...MSRA, stride }));
  return layers.relu(`${name}.relu`, layers.add(`${name}.add`, y, shortcut));
}
