// MobileNetV2: Sandler, Howard, Zhu, Zhmoginov and Chen 2018, "Inverted residuals and linear bottlenecks", arXiv 1801.04381, table 2, as torchvision has
// it. 3,504,872 learnt parameters at 1000 classes.
import type { Value } from "../../src/graph/graph.ts";
import { network } from "../../src/models/define.ts";
import type { FurtherLayers } from "../../src/models/further-layers.ts";
import { xavier, type Network, type Outputs } from "../../src/models/network.ts";

const MSRA = { filler: { kind: "msra" }, bias: null } as const;
type Stage = readonly [expansion: number, channels: number, blocks: number, stride: number];

/** The stride is that of a stage's first block. */
const STAGES: readonly Stage[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

export const mobilenet = mobilenetOf(STAGES, 1280);

/** MobileNetV2 with other stages, and as many channels before the classifier. */
export function mobilenetOf(stages: readonly Stage[], last: number): Network {
  return network({
    name: "mobilenet",
    title: "MobileNetV2",
    size: 224,
    weightDecay: 4e-5,

    build(layers, x, classes) {
      let y = relu6(layers, "features.0", layers.conv("features.0.0", x, 32, 3, { ...MSRA, stride: 2, pad: 1 }));
      let index = 1;
      for (const [expansion, channels, blocks, first] of stages)
        for (let block = 0; block < blocks; block++)
          y = inverted(layers, `features.${index++}`, y, expansion, channels, block === 0 ? first : 1);
      y = relu6(layers, "last", layers.conv("last", y, last, 1, MSRA));
      y = layers.dropout("classifier.0", layers.globalAveragePool("avgpool", y), 0.2);
      return layers.innerProduct("classifier.1", y, classes, xavier, 0);
    },
  });
}

function relu6(layers: FurtherLayers, name: string, x: Value): Value {
  return layers.activation(`${name}.relu6`, layers.batchNorm(`${name}.1`, x), "clip", 0, 6);
}

/** Figure 3b of the paper: wider, depthwise, narrower, and the sum where the map stays. */
function inverted(layers: FurtherLayers, name: string, x: Value, expansion: number, channels: number, stride: number): Value {
  const wide: Outputs = { exactly: expansion * x.shape[3] };
  let y = expansion === 1 ? x : relu6(layers, `${name}.expand`, layers.conv(`${name}.expand`, x, wide, 1, MSRA));
  y = relu6(layers, `${name}.depthwise`, layers.depthwise(`${name}.depthwise`, y, 3, { ...MSRA, stride, pad: 1 }));
  y = layers.batchNorm(`${name}.project.1`, layers.conv(`${name}.project`, y, channels, 1, MSRA));
  return stride === 1 && y.shape[3] === x.shape[3] ? layers.add(`${name}.add`, x, y) : y;
}
