// TensorFlow.js on its WebGPU backend, on the same Dawn as ours: the graph runs node by node with its ops, fused if
// possible. Activations are NHWC, filters [kh, kw, in, out], one variable per group: TensorFlow.js has no grouped convolution.
import type { Graph, Node, Value } from "../../src/graph/graph.ts";
import type { Head, Parameter } from "../../src/models/network.ts";
import { inOrder } from "../../src/ops/concat.ts";
import type { Conv2dAttributes } from "../../src/ops/conv2d.ts";
import type { LrnAttributes } from "../../src/ops/lrn.ts";
import type { PoolAttributes } from "../../src/ops/pool-window.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { permute, type Tensor } from "../../src/tensor/tensor.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";
import { filterToEngine, innerProductToEngine, type Flattened } from "../../src/weights/layout.ts";
import type { Runtime, Inference, TrainingStep } from "./runtime.ts";
import { readWeights } from "./files.ts";
import { load, versionOf } from "./installed.ts";
import { installNavigator } from "./navigator.ts";
import { overhang } from "../../src/onnx/translate.ts";
import { CLASSES, graphOptions, MOMENTUM, RATE, seededBatch, seededImages, trainingForward, type Workload } from "./workload.ts";

/** The used part of a tensor and of @tensorflow/tfjs. */
interface Tf {
  readonly shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

interface Epilogue {
  readonly bias?: Tf;
  readonly activation?: "relu" | "linear";
}

type Padding = number | readonly (readonly [number, number])[];

interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  backend(): { readonly device: GPUDevice };
  tidy<T>(work: () => T): T;
  tensor(values: Float32Array, shape: readonly number[]): Tf;
  tensor1d(values: Int32Array, dtype: "int32"): Tf;
  variable(initial: Tf, trainable?: boolean, name?: string): Tf;
  oneHot(indices: Tf, depth: number): Tf;
  cast(x: Tf, dtype: "float32"): Tf;
  add(a: Tf, b: Tf): Tf;
  mul(a: number, b: Tf): Tf;
  relu(x: Tf): Tf;
  split(x: Tf, sizes: number | number[], axis: number): Tf[];
  concat(xs: readonly Tf[], axis: number): Tf;
  reshape(x: Tf, shape: readonly number[]): Tf;
  maxPool(x: Tf, size: number, stride: number, pad: Padding, rounding: "floor"): Tf;
  avgPool(x: Tf, size: number, stride: number, pad: Padding, rounding: "floor"): Tf;
  localResponseNormalization(x: Tf, radius: number, bias: number, alpha: number, beta: number): Tf;
  matMul(a: Tf, b: Tf): Tf;
  softmax(x: Tf): Tf;
  readonly losses: { softmaxCrossEntropy(labels: Tf, logits: Tf): Tf };
  readonly train: { momentum(rate: number, momentum: number): { minimize(loss: () => Tf, returnCost: true): Tf } };
  readonly fused: {
    conv2d(options: Epilogue & { x: Tf; filter: Tf; strides: number; pad: number; dataFormat: "NHWC"; dimRoundingMode: "floor" }): Tf;
    matMul(options: Epilogue & { a: Tf; b: Tf }): Tf;
  };
}

export async function openTfjs(workload: Workload): Promise<Runtime> {
  const platform = await openNodePlatform();
  installNavigator(platform.gpu);
  const tf = load("@tensorflow/tfjs") as TensorFlow;
  load("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error(platform.adapterAdvice);
  await tf.ready();
  const { device } = tf.backend();
  const errors: string[] = [];
  device.addEventListener("uncapturederror", ({ error }) => errors.push(error.message));

  const { parameters } = trainingForward(workload);
  const variables = makeVariables(tf, device.limits.maxStorageBufferBindingSize, parameters, await readWeights(workload));
  /** Times `work`, which starts a computation, up to its values on the host with the device idle. */
  const timed = async (work: () => Tf): Promise<{ ms: number; values: Float32Array }> => {
    const before = performance.now();
    const result = work();
    const values = await platform.wait(result.data());
    await platform.wait(device.queue.onSubmittedWorkDone());
    const ms = performance.now() - before;
    result.dispose();
    // Dawn continues after an error, and values are garbage: a binding over its limit, for example.
    if (errors.length > 0) throw new Error(`TensorFlow.js: the GPU refused a command: ${errors[0]}`);
    return { ms, values };
  };
  let infer: (() => Promise<Inference>) | undefined;
  let train: (() => Promise<TrainingStep>) | undefined;
  return {
    describe: async () => ({
      versions: { "@tensorflow/tfjs": versionOf("@tensorflow/tfjs"), webgpu: platform.host.webgpu, dawnFlags: platform.host.dawnFlags },
      adapter: device.adapterInfo.description || device.adapterInfo.device,
    }),
    infer: () => (infer ??= prepareInference(tf, workload, variables, timed))(),
    train: () => (train ??= prepareTraining(tf, workload, variables, timed))(),
  };
}

type Timed = (work: () => Tf) => Promise<{ ms: number; values: Float32Array }>;

/** [batch, size, size, 3] */
function hostImages(workload: Workload): Tensor {
  return permute(seededImages(workload), [0, 2, 3, 1]);
}

function prepareInference(tf: TensorFlow, workload: Workload, variables: Variables, timed: Timed): () => Promise<Inference> {
  const { graph } = inferenceGraph(graphOptions(workload));
  const images = hostImages(workload);
  const run = walker(tf, graph, variables);
  const output = graph.outputs.get("p") as Value;
  return async () => {
    const { ms, values } = await timed(() => tf.tidy(() => run(tf.tensor(images.data, images.shape)).get(output) as Tf));
    return { ms, probabilities: [...values] };
  };
}

function prepareTraining(tf: TensorFlow, workload: Workload, variables: Variables, timed: Timed): () => Promise<TrainingStep> {
  const { graph, heads } = trainingForward(workload);
  const images = hostImages(workload);
  const { labels } = seededBatch(workload);
  const run = walker(tf, graph, variables);
  const optimizer = tf.train.momentum(RATE, MOMENTUM);
  const lossOf = (): Tf => {
    const values = run(tf.tensor(images.data, images.shape));
    const truth = tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(labels), "int32"), CLASSES), "float32");
    const weighted = heads.map(({ logits, lossWeight }: Head) =>
      tf.mul(lossWeight, tf.losses.softmaxCrossEntropy(truth, values.get(logits) as Tf)),
    );
    return weighted.reduce((a, b) => tf.add(a, b));
  };
  return async () => {
    const { ms, values } = await timed(() => tf.tidy(() => optimizer.minimize(lossOf, true)));
    return { ms, loss: values[0] };
  };
}

/** By parameter: filters [kh, kw, in/group, out/group] and biases [out/group] for each group, rows of inner products in pieces that can be bound. */
type Variables = ReadonlyMap<string, readonly Tf[]>;

/** All at once: the optimiser updates the variables that it finds when a step begins. */
function makeVariables(
  tf: TensorFlow,
  bindingLimit: number,
  parameters: readonly Parameter[],
  weights: ReadonlyMap<string, Tensor>,
): Variables {
  const groupsOf = new Map(parameters.flatMap(({ layer, order }) => (order.kind === "filter" ? [[layer, order.groups] as const] : [])));
  const split = ({ name }: Parameter, { shape: [rows, ...rest], data }: Tensor, count: number): readonly Tf[] => {
    // An engine's filter has its groups on the slowest axis; TensorFlow.js has no such axis.
    const shape = rest.length === 4 ? rest : [rows / count, ...rest];
    const size = data.length / count;
    return Array.from({ length: count }, (_, i) =>
      tf.variable(tf.tensor(data.slice(i * size, (i + 1) * size), shape), true, `${name}/${i}`),
    );
  };
  const made = parameters.map((parameter): readonly [string, readonly Tf[]] => {
    const { name, layer, order } = parameter;
    const caffe = weights.get(name) as Tensor;
    if (order.kind === "bias") return [name, split(parameter, caffe, groupsOf.get(layer) ?? 1)];
    if (order.kind === "filter") return [name, split(parameter, filterToEngine(caffe, order.groups), order.groups)];
    const weight = innerProductToEngine(caffe, (order.flattened ?? undefined) as Flattened | undefined);
    // AlexNet's fc6 is larger than many adapters bind, and TensorFlow.js does not split it by itself.
    let count = Math.ceil(weight.data.byteLength / bindingLimit);
    while (weight.shape[0] % count !== 0) count++;
    return [name, split(parameter, weight, count)];
  });
  return new Map(made);
}

/** Runs a forward graph on images [batch, size, size, 3]; gives every value that a node made. Call it inside `tidy`. */
function walker(tf: TensorFlow, graph: Graph, variables: Variables): (images: Tf) => ReadonlyMap<Value, Tf> {
  const fusable = reluAlone(graph);
  return (images) => {
    const values = new Map<Value, Tf>();
    for (const node of graph.nodes) {
      const { inputs, outputs } = node;
      if (values.has(outputs.y)) continue; // a ReLU that is fused into the layer before
      const run = RUN[node.op.name];
      if (!run)
        throw new Error(`tfjs: op "${node.op.name}" of "${node.label}" has no TensorFlow.js op here: ${Object.keys(RUN).join(", ")}`);
      const relu = fusable.get(node);
      const value = run({
        tf,
        node,
        images,
        activation: relu ? "relu" : "linear",
        value: (port) => values.get(inputs[port]) as Tf,
        pieces: (port) => variables.get(inputs[port].name) as readonly Tf[],
        all: () => inOrder(inputs).map((input) => values.get(input) as Tf),
      });
      values.set(outputs.y, value);
      if (relu) values.set(relu.outputs.y, value);
    }
    return values;
  };
}

/** Convolutions and inner products whose only reader is a ReLU, with that ReLU. */
function reluAlone({ nodes }: Graph): ReadonlyMap<Node, Node> {
  const readers = new Map<Value, Node[]>();
  for (const node of nodes) for (const value of Object.values(node.inputs)) readers.set(value, [...(readers.get(value) ?? []), node]);
  const found = new Map<Node, Node>();
  for (const node of nodes) {
    if (node.op.name !== "conv2d" && node.op.name !== "innerProduct") continue;
    const [reader, ...others] = readers.get(node.outputs.y) ?? [];
    if (reader?.op.name === "relu" && others.length === 0) found.set(node, reader);
  }
  return found;
}

interface Step {
  readonly tf: TensorFlow;
  readonly node: Node;
  readonly images: Tf;
  readonly activation: "relu" | "linear";
  /** What came before, by port. */
  readonly value: (port: string) => Tf;
  /** Variables of a parameter. */
  readonly pieces: (port: string) => readonly Tf[];
  /** All inputs, in order. */
  readonly all: () => Tf[];
}

const RUN: Readonly<Record<string, (step: Step) => Tf>> = {
  channelsLast: ({ images }) => images,
  conv2d({ tf, node, activation, value, pieces }) {
    const { stride, pad } = node.attributes as unknown as Conv2dAttributes;
    const filters = pieces("filter");
    const biases = pieces("bias");
    const inputs = filters.length === 1 ? [value("x")] : tf.split(value("x"), filters.length, 3);
    const outputs = inputs.map((x, i) =>
      tf.fused.conv2d({
        x,
        filter: filters[i],
        bias: biases[i],
        strides: stride,
        pad,
        dataFormat: "NHWC",
        dimRoundingMode: "floor",
        activation,
      }),
    );
    return outputs.length === 1 ? outputs[0] : tf.concat(outputs, 3);
  },
  innerProduct({ tf, activation, value, pieces }) {
    const [first, ...rest] = pieces("weight");
    const [bias] = pieces("bias");
    if (rest.length === 0) return tf.fused.matMul({ a: value("x"), b: first, bias, activation });
    const inputs = tf.split(value("x"), 1 + rest.length, 1);
    const partial = rest.map((piece, i) => tf.matMul(inputs[i + 1], piece));
    const sum = partial.reduce((a, b) => tf.add(a, b), tf.fused.matMul({ a: inputs[0], b: first, bias }));
    return activation === "relu" ? tf.relu(sum) : sum;
  },
  relu: ({ tf, value }) => tf.relu(value("x")),
  lrn({ tf, node, value }) {
    const { size, alpha, beta, k } = node.attributes as unknown as LrnAttributes;
    return tf.localResponseNormalization(value("x"), (size - 1) / 2, k, alpha / size, beta);
  },
  maxPool: ({ tf, node, value }) => {
    const { size, stride, padding } = poolOf(node);
    return tf.maxPool(value("x"), size, stride, padding, "floor");
  },
  averagePool: ({ tf, node, value }) => {
    const { size, stride, padding } = poolOf(node);
    return tf.avgPool(value("x"), size, stride, padding, "floor");
  },
  concat: ({ tf, all }) => tf.concat(all(), 3),
  reshape: ({ tf, node, value }) => tf.reshape(value("x"), node.outputs.y.shape),
  softmax: ({ tf, value }) => tf.softmax(value("x")),
};

function poolOf({ inputs: { x }, outputs: { y }, attributes }: Node): { size: number; stride: number; padding: Padding } {
  const pooling = attributes as unknown as PoolAttributes;
  const { size, stride, pad } = pooling;
  const none = [0, 0] as const;
  const rows = [pad, overhang(x.shape[1], y.shape[1], pooling)] as const;
  const columns = [pad, overhang(x.shape[2], y.shape[2], pooling)] as const;
  return { size, stride, padding: [none, rows, columns, none] };
}
