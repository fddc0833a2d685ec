// Five networks as torch.onnx.export writes torchvision's (models/alexnet.py, vgg.py, resnet.py, googlenet.py), for tests: the same nodes, attributes and names, with
// weights drawn from a seed, at any share of the channels.
import type { SaidModel, SaidNode } from "./model-fixture.ts";
import type { HostTensor } from "./tensor.ts";

export interface TorchOptions {
  /** Share of the channels of hidden layers. Default 1. */
  readonly width?: number;
  /** Side of the image. Default 224. */
  readonly size?: number;
  readonly classes?: number;
  /**
   * Whether batch normalisation is part of the convolution before it, as of a network in eval(), or a node of its own, as with training=TrainingMode.PRESERVE. Default
   * true.
   */
  readonly folded?: boolean;
  /** Whether initializers have values; without, they have dimensions alone. Default true. */
  readonly filled?: boolean;
}

interface Windows {
  readonly stride?: number;
  readonly pad?: number;
}

/** A value of the graph: its name and its channels. */
interface Torch {
  readonly name: string;
  readonly channels: number;
}

class Export {
  readonly nodes: SaidNode[] = [];
  readonly initializers: Record<string, HostTensor> = {};
  readonly image: Torch = { name: "image", channels: 3 };
  readonly #options: Required<TorchOptions>;
  #state = 1;
  #count = 100;

  constructor({ width = 1, size = 224, classes = 1000, folded = true, filled = true }: TorchOptions) {
    this.#options = { width, size, classes, folded, filled };
  }

  model(logits: Torch): SaidModel {
    const { nodes, initializers } = this;
    const { size } = this.#options;
    const last = nodes[nodes.length - 1];
    const outputs = ["logits"];
    return {
      nodes: [...nodes.slice(0, -1), { ...last, outputs }],
      inputs: { [this.image.name]: ["N", 3, size, size] },
      outputs: logits.name === last.outputs[0] ? outputs : [],
      initializers,
      opset: 17,
    };
  }

  /** The path of a module as torch names its nodes: "/layer1/layer1.0/conv1/Conv". */
  node(path: string, operator: string, inputs: readonly string[], attributes: SaidNode["attributes"] = {}, channels = 0): Torch {
    const parts = path.split(".");
    const name = `${["", ...parts.map((_, i) => (/^\d+$/.test(parts[i]) ? parts.slice(0, i + 1).join(".") : parts[i]))].join("/")}/${operator}`;
    const free = this.nodes.some((node) => node.name === name) ? `${name}_${this.#count++}` : name;
    const output = `${free}_output_0`;
    this.nodes.push({ name: free, operator, inputs, outputs: [output], attributes });
    return { name: output, channels };
  }

  #initializer(name: string, dims: readonly number[], draw: (random: number) => number): string {
    const size = dims.reduce((a, b) => a * b, 1);
    const random = (): number => {
      this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
      return this.#state / 2 ** 32;
    };
    const data = this.#options.filled ? Float32Array.from({ length: size }, () => draw(random())) : new Float32Array(0);
    this.initializers[name] = { dims, kind: "float", data };
    return name;
  }

  #weights(name: string, outputs: number, inputs: readonly number[]): string {
    const spread = Math.sqrt(6 / inputs.reduce((a, b) => a * b, 1));
    return this.#initializer(name, [outputs, ...inputs], (random) => spread * (2 * random - 1));
  }

  readonly #small = (random: number): number => 0.2 * (random - 0.5);
  readonly #near1 = (random: number): number => 0.75 + 0.5 * random;

  conv(
    path: string,
    x: Torch,
    full: number,
    kernel: number,
    { stride = 1, pad = 0 }: Windows,
    norm?: { path: string; epsilon: number },
  ): Torch {
    const outputs = Math.max(1, Math.round(full * this.#options.width));
    const { folded } = this.#options;
    // What the exporter computes has a number for a name.
    const named = (role: string): string => (norm && folded ? `onnx::Conv_${this.#count++}` : `${path}.${role}`);
    const filter = this.#weights(named("weight"), outputs, [x.channels, kernel, kernel]);
    const bias = norm && !folded ? [] : [this.#initializer(named("bias"), [outputs], this.#small)];
    const attributes = {
      dilations: [1, 1],
      group: 1,
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    };
    const y = this.node(path, "Conv", [x.name, filter, ...bias], attributes, outputs);
    if (!norm || folded) return y;
    const vectors = [
      this.#initializer(`${norm.path}.weight`, [outputs], this.#near1),
      this.#initializer(`${norm.path}.bias`, [outputs], this.#small),
      this.#initializer(`${norm.path}.running_mean`, [outputs], this.#small),
      this.#initializer(`${norm.path}.running_var`, [outputs], this.#near1),
    ];
    return this.node(
      norm.path,
      "BatchNormalization",
      [y.name, ...vectors],
      { epsilon: { float: norm.epsilon }, momentum: { float: 0.9 } },
      outputs,
    );
  }

  relu = (path: string, x: Torch): Torch => this.node(path, "Relu", [x.name], {}, x.channels);

  maxPool(path: string, x: Torch, kernel: number, stride: number, { pad = 0, ceil = 0 } = {}): Torch {
    const attributes = { ceil_mode: ceil, kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad], strides: [stride, stride] };
    return this.node(path, "MaxPool", [x.name], attributes, x.channels);
  }

  /** An adaptive pool whose output is as large as its input. */
  samePool = (path: string, x: Torch): Torch =>
    this.node(
      path,
      "AveragePool",
      [x.name],
      { ceil_mode: 0, count_include_pad: 1, kernel_shape: [1, 1], pads: [0, 0, 0, 0], strides: [1, 1] },
      x.channels,
    );

  globalPool = (path: string, x: Torch): Torch => this.node(path, "GlobalAveragePool", [x.name], {}, x.channels);

  /** The values of `side` x `side` pixels in a row. */
  flatten = (x: Torch, side: number): Torch => this.node("", "Flatten", [x.name], { axis: 1 }, x.channels * side * side);

  linear(path: string, x: Torch, outputs: number | null): Torch {
    const count = outputs === null ? this.#options.classes : Math.max(1, Math.round(outputs * this.#options.width));
    const inputs = [x.name, this.#weights(`${path}.weight`, count, [x.channels]), this.#initializer(`${path}.bias`, [count], this.#small)];
    return this.node(path, "Gemm", inputs, { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 }, count);
  }

  add = (path: string, a: Torch, b: Torch): Torch => this.node(path, "Add", [a.name, b.name], {}, a.channels);

  concat = (path: string, parts: readonly Torch[]): Torch =>
    this.node(
      path,
      "Concat",
      parts.map(({ name }) => name),
      { axis: 1 },
      parts.reduce((sum, { channels }) => sum + channels, 0),
    );

  constant(value: HostTensor): string {
    const output = `/Constant_${this.#count++}_output_0`;
    this.nodes.push({ name: output.replace("_output_0", ""), operator: "Constant", inputs: [], outputs: [output], attributes: { value } });
    return output;
  }
}

const scalar = (value: number): HostTensor => ({ dims: [], kind: "float", data: Float32Array.of(value) });
const whole = (value: number, dims: readonly number[]): HostTensor => ({ dims, kind: "int", data: Float64Array.of(value) });

/** Krizhevsky 2014, arXiv 1404.5997: 61,100,840 parameters. */
function alexnet(options: TorchOptions): SaidModel {
  const torch = new Export(options);
  const conv = (at: number, from: Torch, outputs: number, kernel: number, windows: Windows): Torch =>
    torch.relu(`features.${at + 1}`, torch.conv(`features.${at}`, from, outputs, kernel, windows));
  let x = torch.maxPool("features.2", conv(0, torch.image, 64, 11, { stride: 4, pad: 2 }), 3, 2);
  x = torch.maxPool("features.5", conv(3, x, 192, 5, { pad: 2 }), 3, 2);
  x = conv(10, conv(8, conv(6, x, 384, 3, { pad: 1 }), 256, 3, { pad: 1 }), 256, 3, { pad: 1 });
  x = torch.flatten(torch.samePool("avgpool", torch.maxPool("features.12", x, 3, 2)), 6);
  x = torch.relu("classifier.2", torch.linear("classifier.1", x, 4096));
  x = torch.relu("classifier.5", torch.linear("classifier.4", x, 4096));
  return torch.model(torch.linear("classifier.6", x, null));
}

/** Simonyan and Zisserman 2015, arXiv 1409.1556, table 1, D: 138,357,544 parameters. */
function vgg16(options: TorchOptions): SaidModel {
  const torch = new Export(options);
  let [x, at] = [torch.image, 0];
  for (const [outputs, count] of [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ] as const) {
    for (let i = 0; i < count; i++, at += 2) x = torch.relu(`features.${at + 1}`, torch.conv(`features.${at}`, x, outputs, 3, { pad: 1 }));
    x = torch.maxPool(`features.${at++}`, x, 2, 2);
  }
  x = torch.flatten(torch.samePool("avgpool", x), 7);
  x = torch.relu("classifier.1", torch.linear("classifier.0", x, 4096));
  x = torch.relu("classifier.4", torch.linear("classifier.3", x, 4096));
  return torch.model(torch.linear("classifier.6", x, null));
}

/** He et al. 2016, arXiv 1512.03385, table 1; in "bottleneck" blocks torchvision has the stride in the 3 x 3 convolution. */
function resnet(blocks: readonly number[], kind: "basic" | "bottleneck"): (options: TorchOptions) => SaidModel {
  return (options) => {
    const torch = new Export(options);
    const conv = (path: string, norm: string, x: Torch, outputs: number, kernel: number, stride = 1): Torch =>
      torch.conv(path, x, outputs, kernel, { stride, pad: (kernel - 1) / 2 }, { path: norm, epsilon: 1e-5 });
    let x = torch.maxPool("maxpool", torch.relu("relu", conv("conv1", "bn1", torch.image, 64, 7, 2)), 3, 2, { pad: 1 });
    blocks.forEach((count, stage) => {
      const base = 64 * 2 ** stage;
      const outputs = kind === "basic" ? base : 4 * base;
      for (let block = 0; block < count; block++) {
        const path = `layer${stage + 1}.${block}`;
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const unit = (i: number, from: Torch, kernel: number, to: number, by = 1): Torch =>
          conv(`${path}.conv${i}`, `${path}.bn${i}`, from, to, kernel, by);
        const rectified = (y: Torch): Torch => torch.relu(`${path}.relu`, y);
        const y =
          kind === "basic"
            ? unit(2, rectified(unit(1, x, 3, base, stride)), 3, base)
            : unit(3, rectified(unit(2, rectified(unit(1, x, 1, base)), 3, base, stride)), 1, outputs);
        const changes = block === 0 && (stage > 0 || kind === "bottleneck");
        const shortcut = changes ? conv(`${path}.downsample.0`, `${path}.downsample.1`, x, outputs, 1, stride) : x;
        x = rectified(torch.add(path, y, shortcut));
      }
    });
    return torch.model(torch.linear("fc", torch.flatten(torch.globalPool("avgpool", x), 1), null));
  };
}

/** Channels of the four branches: 1 x 1; 3 x 3 after a reduction; 3 x 3 in the place of 5 x 5 likewise; after the pool. */
const INCEPTION: Readonly<Record<string, readonly [number, number, number, number, number, number]>> = {
  inception3a: [64, 96, 128, 16, 32, 32],
  inception3b: [128, 128, 192, 32, 96, 64],
  inception4a: [192, 96, 208, 16, 48, 64],
  inception4b: [160, 112, 224, 24, 64, 64],
  inception4c: [128, 128, 256, 24, 64, 64],
  inception4d: [112, 144, 288, 32, 64, 64],
  inception4e: [256, 160, 320, 32, 128, 128],
  inception5a: [256, 160, 320, 32, 128, 128],
  inception5b: [384, 192, 384, 48, 128, 128],
};

/** Szegedy et al. 2015, arXiv 1409.4842, with batch normalisation, pools that round up and inputs normalised anew (transform_input), as torchvision has it. */
function googlenet(options: TorchOptions): SaidModel {
  const torch = new Export(options);
  const conv = (path: string, x: Torch, outputs: number, kernel: number, stride = 1): Torch =>
    torch.relu(
      path,
      torch.conv(`${path}.conv`, x, outputs, kernel, { stride, pad: (kernel - 1) / 2 }, { path: `${path}.bn`, epsilon: 1e-3 }),
    );
  const pool = (path: string, x: Torch, kernel: number): Torch => torch.maxPool(path, x, kernel, 2, { ceil: 1 });
  const planes = (
    [
      [0.229, 0.485],
      [0.224, 0.456],
      [0.225, 0.406],
    ] as const
  ).map(([deviation, mean], channel) => {
    const plane = torch.node("", "Gather", [torch.image.name, torch.constant(whole(channel, []))], { axis: 1 });
    const lone = torch.node("", "Unsqueeze", [plane.name, torch.constant(whole(1, [1]))]);
    const scaled = torch.node("", "Mul", [lone.name, torch.constant(scalar(deviation / 0.5))]);
    return torch.node("", "Add", [scaled.name, torch.constant(scalar((mean - 0.5) / 0.5))], {}, 1);
  });
  let x = pool("maxpool1", conv("conv1", torch.concat("", planes), 64, 7, 2), 3);
  x = pool("maxpool2", conv("conv3", conv("conv2", x, 64, 1), 192, 3), 3);
  for (const [path, [one, reduce3, three, reduce5, five, after]] of Object.entries(INCEPTION)) {
    const from = x;
    x = torch.concat(path, [
      conv(`${path}.branch1`, from, one, 1),
      conv(`${path}.branch2.1`, conv(`${path}.branch2.0`, from, reduce3, 1), three, 3),
      conv(`${path}.branch3.1`, conv(`${path}.branch3.0`, from, reduce5, 1), five, 3),
      conv(`${path}.branch4.1`, torch.maxPool(`${path}.branch4.0`, from, 3, 1, { pad: 1, ceil: 1 }), after, 1),
    ]);
    if (path === "inception3b") x = pool("maxpool3", x, 3);
    if (path === "inception4e") x = pool("maxpool4", x, 2);
  }
  return torch.model(torch.linear("fc", torch.flatten(torch.globalPool("avgpool", x), 1), null));
}

/** By name: the exporter, and the learnt parameters of the network with batch normalisation by itself, at 1000 classes, as torchvision's documentation has them. */
export const TORCHVISION_NETWORKS = {
  alexnet: { write: alexnet, parameters: 61_100_840 },
  vgg16: { write: vgg16, parameters: 138_357_544 },
  resnet18: { write: resnet([2, 2, 2, 2], "basic"), parameters: 11_689_512 },
  resnet50: { write: resnet([3, 4, 6, 3], "bottleneck"), parameters: 25_557_032 },
  // 6,624,904 at inference: torchvision's 13,004,888 have the auxiliary heads in them.
  googlenet: { write: googlenet, parameters: 6_624_904 },
} as const;
