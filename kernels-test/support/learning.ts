// Small networks of a program's own, and pictures that they learn from: phantoms and fractals. For tests and for the curves of docs/networks.md.
import { trainingBatches } from "../../src/dataset/batches.ts";
import { allocateBatch } from "../../src/dataset/stored-batch.ts";
import { cropToHead } from "../../src/dataset/head-crop.ts";
import type { ImageSet } from "../../src/dataset/image-set.ts";
import { pictureOf, type Picture } from "../../src/dataset/image.ts";
import { BRAIN_WINDOW } from "../../src/dicom/window.ts";
import { fractalImages } from "../../src/fractals/images.ts";
import { networkOf } from "../../src/library/model.ts";
import type { Network } from "../../src/models/network.ts";
import { network, xavier, type ActivationName, type NetworkLayers, type NetworkValue } from "../../src/networks.ts";
import { renderCase } from "../../src/phantoms/case.ts";
import { makeCohort } from "../../src/phantoms/cohort.ts";
import { storedSize } from "../../src/train/graphs.ts";
import type { Batch } from "../../src/train/trainer.ts";

/** Side of the networks' input in pixels. */
export const SIDE = 32;
export const CLASSES = 3;

const MSRA = { filler: { kind: "msra" }, bias: null } as const;

const activated = (layers: NetworkLayers, name: string, x: NetworkValue, kind: "relu" | ActivationName): NetworkValue => {
  const y = layers.batchNorm(`${name}.norm`, x);
  return kind === "relu" ? layers.relu(`${name}.relu`, y) : layers.activation(`${name}.${kind}`, y, kind, 0, 6);
};

/**
 * ResNet-18 (He, Zhang, Ren and Sun 2016, arXiv 1512.03385) at a quarter of its channels: its four stages of two blocks, for small pictures. The stem is a
 * 3 x 3 convolution of stride 2, and the last stage keeps its map of 4 x 4 pixels: batch normalisation over fewer would magnify roundings beyond use.
 */
const smallResnet = network({
  name: "resnet18-small",
  title: "ResNet-18, 1/4",
  size: SIDE,
  weightDecay: 1e-4,
  build(layers, x, classes) {
    const residual = (name: string, from: NetworkValue, channels: number, stride: number): NetworkValue => {
      let y = activated(layers, `${name}.1`, layers.conv(`${name}.conv1`, from, channels, 3, { ...MSRA, stride, pad: 1 }), "relu");
      y = layers.batchNorm(`${name}.2.norm`, layers.conv(`${name}.conv2`, y, channels, 3, { ...MSRA, pad: 1 }));
      const shortcut =
        from.shape[3] === channels
          ? from
          : layers.batchNorm(`${name}.shortcut.norm`, layers.conv(`${name}.shortcut`, from, channels, 1, { ...MSRA, stride }));
      return layers.relu(`${name}.relu`, layers.add(`${name}.sum`, y, shortcut));
    };
    let y = activated(layers, "stem", layers.conv("stem.conv", x, 16, 3, { ...MSRA, stride: 2, pad: 1 }), "relu");
    const stages: readonly (readonly [channels: number, stride: number])[] = [
      [16, 1],
      [32, 2],
      [64, 2],
      [128, 1],
    ];
    for (const [index, [channels, stride]] of stages.entries())
      for (const block of [0, 1]) y = residual(`stage${index + 1}.${block}`, y, channels, block === 0 ? stride : 1);
    return layers.innerProduct("scores", layers.globalAveragePool("pool", y), classes, xavier, 0);
  },
});

/** Depthwise separable convolutions, as of MobileNet (Howard and others 2017, arXiv 1704.04861), five of its thirteen, with ReLU6. */
const smallMobilenet = network({
  name: "mobilenet-small",
  title: "MobileNet, 5 blocks",
  size: SIDE,
  weightDecay: 1e-4,
  build(layers, x, classes) {
    let y = activated(layers, "stem", layers.conv("stem.conv", x, 16, 3, { ...MSRA, stride: 2, pad: 1 }), "clip");
    const blocks: readonly (readonly [channels: number, stride: number])[] = [
      [32, 1],
      [64, 2],
      [64, 1],
      [128, 2],
      [128, 1],
    ];
    for (const [index, [channels, stride]] of blocks.entries()) {
      const name = `block${index + 1}`;
      y = activated(layers, `${name}.depthwise`, layers.depthwise(`${name}.filters`, y, 3, { ...MSRA, stride, pad: 1 }), "clip");
      y = activated(layers, `${name}.pointwise`, layers.conv(`${name}.conv`, y, channels, 1, MSRA), "clip");
    }
    return layers.innerProduct("scores", layers.globalAveragePool("pool", y), classes, xavier, 0);
  },
});

/** The networks as a program has them. */
export const SMALL_FAMILIES = [smallResnet, smallMobilenet] as const;
/** The networks' layers, as the engine takes them. */
export const SMALL_NETWORKS: readonly Network[] = SMALL_FAMILIES.map((each) => networkOf(each({ classes: CLASSES })));

/** Heads with a hemorrhage on the left, on the right and without one, each picture its slice with most blood, cut to the head. */
function phantomSet(count: number, size: number): ImageSet {
  const sides = ["none", "left", "right"] as const;
  const specs = sides.flatMap((side, label) =>
    makeCohort({ cases: 2 * count, seed: 11, kind: "quick" })
      .filter((spec) => spec.side === side)
      .slice(0, Math.ceil(count / sides.length))
      .map((spec) => ({ spec, label })),
  );
  const pictures: Picture[] = [];
  return {
    size,
    length: specs.length,
    classes: sides,
    labels: Uint32Array.from(specs, ({ label }) => label),
    cases: Uint32Array.from(specs, (_, i) => i),
    read: async (i) => (pictures[i] ??= drawn(specs[i].spec, size)),
  };
}

function drawn(spec: Parameters<typeof renderCase>[0], size: number): Picture {
  const phantom = renderCase(spec);
  const { hu, rows, columns } = phantom.slice(phantom.truth.sliceIndex);
  const slice = { unit: "HU", width: columns, height: rows, channels: 1, data: Float32Array.from(hu) } as const;
  return pictureOf(cropToHead(slice, 1), size, BRAIN_WINDOW);
}

/** Fractals of three categories. */
const fractalSet = (count: number, size: number): ImageSet =>
  fractalImages({ seed: 0, categories: CLASSES, instances: Math.ceil(count / CLASSES), poses: "any", size });

/** The kinds of pictures by name. */
export const PICTURES = { phantoms: phantomSet, fractals: fractalSet } as const;

/** The first batches of a training on pictures of a kind, which are `count`. */
export async function batchesOf(
  kind: keyof typeof PICTURES,
  { network, batch, count, steps }: { readonly network: Network; readonly batch: number; readonly count: number; readonly steps: number },
): Promise<Batch[]> {
  const set = PICTURES[kind](count, storedSize(network));
  const source = trainingBatches(set, { batch, crop: network.size, seed: 1 });
  const batches: Batch[] = [];
  for (let step = 0; step < steps; step++) {
    const into = allocateBatch(batch, set.size);
    await source.fill(step, into);
    batches.push(into);
  }
  return batches;
}
