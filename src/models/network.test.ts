// The words that networks are written in: shapes, counts and names of what each layer appends; the examples against their papers' parameters; and no
// code outside models/ and study/ that knows GoogLeNet or a layer of it by name.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nin } from "../../examples/networks/nin.ts";
import { small } from "../../examples/networks/small.ts";
import { squeezenet } from "../../examples/networks/squeezenet.ts";
import { vgg16 } from "../../examples/networks/vgg16.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { verifyGraph } from "../graph/verify.ts";
import { ADAPTERS } from "../kernels/adapters.ts";
import { choose, familiesFor } from "../kernels/choose.ts";
import { kernels } from "../kernels/index.ts";
import { problemsOf } from "../engine/lowering.ts";
import { optimise } from "../passes/index.ts";
import { sizeOf } from "../tensor/shape.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { tensor } from "../tensor/tensor.ts";
import { momentumOf, scoringGraph } from "../train/graphs.ts";
import { expectedShapes } from "../train/parameters.ts";
import { LOSS_SUM, trainingGraph } from "../train/training-graphs.ts";
import { loadWeights } from "../weights/load.ts";
import { writeSafetensors } from "../weights/safetensors.ts";
import { alexnet } from "./alexnet.ts";
import { googlenet } from "./googlenet.ts";
import { build, xavier, type Built, type BuildOptions, type Head, type Layers, type Network } from "./network.ts";

/** A network of the layers at hand. */
const networkOf = (layers: Network["build"], more: Partial<Network> = {}): Network => ({
  name: "trial",
  title: "Trial",
  size: 16,
  lastLayers: ["last"],
  auxiliary: [],
  mean: [0, 0, 0],
  weightDecay: 0,
  build: layers,
  ...more,
});

const headOf = (logits: Value, lossWeight = 1, name = "loss"): Head => ({ name, logits, lossWeight });

/** What `layers` appends to an image of 16 x 16 pixels. */
function built(layers: Network["build"], options: Partial<BuildOptions> = {}): Built & { readonly graph: Graph } {
  const graph = new Graph();
  const x = graph.input("x", [2, 16, 16, 4]);
  const random = graph.input("random", [4], "u32");
  return { graph, ...build(networkOf(layers), graph, x, { classes: 3, random, ...options }) };
}

const filler = { filler: xavier, bias: 0 };
const opsOf = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op.name);

test("a convolution without the name of a ReLU ends as it is", () => {
  const { graph, heads } = built((layers, x) => [headOf(layers.conv("a", x, 16, 3, filler))]);
  expect(opsOf(graph)).toEqual(["conv2d"]);
  expect(heads[0].logits.shape).toEqual([2, 14, 14, 16]);
  const gated = built((layers, x) => [headOf(layers.conv("a", x, 16, 3, { ...filler, relu: "gate" }))]);
  expect(gated.graph.nodes.map(({ op, label }) => `${op.name} ${label}`)).toEqual(["conv2d a", "relu gate"]);
});

test.each([
  { outputs: 64, width: 1, channels: 64 },
  { outputs: 64, width: 1 / 4, channels: 16 },
  { outputs: 20, width: 1, channels: 24 },
  { outputs: 64, width: 1 / 32, channels: 8 },
  { outputs: { exactly: 3 }, width: 1, channels: 3 },
  { outputs: { exactly: 1001 }, width: 1 / 8, channels: 1001 },
])("$outputs at width $width is $channels channels", ({ outputs, width, channels }) => {
  const { heads, parameters } = built((layers, x) => [headOf(layers.conv("a", x, outputs, 1, filler))], { width });
  expect(heads[0].logits.shape).toEqual([2, 16, 16, channels]);
  // The image has 3 channels and one of padding.
  expect(parameters.map(({ caffeShape }) => caffeShape)).toEqual([[channels, 3, 1, 1], [channels]]);
});

test("flattened maps are rows, and an inner product knows their order through ReLU and dropout", () => {
  const rows = (layers: Layers, x: Value): Value =>
    layers.flatten("rows", layers.conv("a", x, { exactly: 5 }, 3, { ...filler, stride: 4 }));
  expect(built((layers, x) => [headOf(rows(layers, x))]).heads[0].logits.shape).toEqual([2, 4 * 4 * 5]);
  const through = built(
    (layers, x) => [headOf(layers.innerProduct("b", layers.dropout("drop", layers.relu("r", rows(layers, x)), 0.5), 7, xavier, 0))],
    { training: true },
  );
  expect(opsOf(through.graph)).toEqual(["conv2d", "reshape", "relu", "dropout", "innerProduct"]);
  const weight = through.parameters.find(({ name }) => name === "b/weight");
  expect(weight?.order).toEqual({ kind: "innerProduct", flattened: [5, 4, 4] });
  expect(weight?.caffeShape).toEqual([7, 80]);
});

describe.each([
  { network: vgg16, parameters: 138_357_544, layers: 16 },
  { network: nin, parameters: 7_595_176, layers: 12 },
  { network: squeezenet, parameters: 1_248_424, layers: 26 },
])("$network.title", ({ network, parameters, layers }) => {
  test("has its paper's parameters, and all of them while it scores", () => {
    for (const { parameters: found } of [
      scoringGraph({ network, classes: 1000, batch: 1 }),
      trainingGraph({ network, classes: 1000, batch: 1, momentum: 0.9, weightDecay: network.weightDecay }),
    ]) {
      expect(found.reduce((sum, { caffeShape }) => sum + sizeOf(caffeShape), 0)).toBe(parameters);
      expect(found).toHaveLength(2 * layers);
    }
  });

  test.each([2, 3, 5, 6, 7, 1001])("of %i classes is well formed, and each adapter finds kernels for all of it", (classes) => {
    const options = { network, classes, width: 1 / 8, size: 96, batch: 2, momentum: 0.9, weightDecay: 0 };
    const [last] = network.lastLayers;
    for (const {
      graph,
      parameters: found,
      built: { heads },
    } of [scoringGraph(options), trainingGraph(options)]) {
      verifyGraph(graph);
      expect(heads.map(({ logits }) => logits.shape)).toEqual([[2, classes]]);
      expect(found.find(({ name }) => name === `${last}/bias`)?.caffeShape).toEqual([classes]);
      const problems = problemsOf(optimise(graph));
      for (const target of Object.values(ADAPTERS))
        expect(problems.map((problem) => choose(problem, { kernels, families: familiesFor(target), target }).family)).toContain(
          familiesFor(target)[0],
        );
    }
  });

  test("starts its last layer anew for other classes, and not unasked", () => {
    const shapes = (classes: number) => expectedShapes(scoringGraph({ network, classes, width: 1 / 16, size: 64, batch: 1 }).parameters);
    const values = [...shapes(3)].map(([name, shape]) => [name, tensor(shape, new Float32Array(sizeOf(shape)).fill(0.5))] as const);
    const bytes = Buffer.concat(
      writeSafetensors(
        [...values].map(([name, value]) => [name, value]),
        {},
      ),
    );
    const [last] = network.lastLayers;
    expect(() => loadWeights(bytes, "w.safetensors", shapes(5))).toThrow(`pass --rename-last (renameLast: ${last})`);
    const { values: taken, fresh } = loadWeights(bytes, "w.safetensors", shapes(5), { renameLast: network.lastLayers });
    expect(fresh).toEqual([`${last}/weight`, `${last}/bias`]);
    expect(taken.size).toBe(2 * layers - 2);
    expect(loadWeights(bytes, "w.safetensors", shapes(3)).values.size).toBe(2 * layers);
  });
});

test.each([nin, squeezenet, small])("$title, fully convolutional, has the same weights at every size", (network) => {
  const shapes = (size: number) => expectedShapes(scoringGraph({ network, classes: 5, width: 1 / 8, size, batch: 1 }).parameters);
  expect(shapes(160)).toEqual(shapes(64));
});

/** Two heads on one convolution, the second only in training. */
const twoHeads = networkOf(
  (layers, x, classes) => {
    const y = layers.conv("a", x, 8, 3, { ...filler, stride: 4, relu: "gate" });
    const main = headOf(layers.innerProduct("last", y, classes, xavier, 0), 1, "main");
    return layers.training ? [main, headOf(layers.innerProduct("aside", y, classes, xavier, 0), 0.3, "aside")] : [main];
  },
  { lastLayers: ["aside", "last"], auxiliary: ["aside"] },
);

describe("auxiliary heads", () => {
  test.each([alexnet, googlenet, vgg16, nin, squeezenet, small, twoHeads])("$title lists the layers that only training has", (network) => {
    const layersOf = (training: boolean): Set<string> => {
      const graph = new Graph();
      const x = graph.input("x", [1, network.size, network.size, 4]);
      const random = graph.input("random", [4], "u32");
      return new Set(build(network, graph, x, { classes: 2, width: 1 / 16, training, random }).parameters.map(({ layer }) => layer));
    };
    const [trained, scored] = [layersOf(true), layersOf(false)];
    expect([...trained].filter((layer) => !scored.has(layer)).toSorted()).toEqual([...network.auxiliary].toSorted());
    expect(network.lastLayers.filter((layer) => !trained.has(layer))).toEqual([]);
  });

  test("count in the loss, and in the gradients of what lies before them, by their weight", () => {
    const { graph, built: heads } = trainingGraph({ network: twoHeads, classes: 3, batch: 2, momentum: 0.9, weightDecay: 0 });
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => [
        name,
        Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
          const word = philox([1, 0], [i, 0, 0, 5])[0];
          if (name === "pixels") return word & 0xffffff;
          return name === "labels" ? i : name === "rate" ? [0.01, 1][i] : 0;
        }),
      ]),
    );
    const states = Object.fromEntries(
      graph.states.map(({ name, value: { shape } }, stream) => [
        name,
        Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
          /^(a|last|aside)\//.test(name) ? 0.01 * (unitFloat(philox([stream, 2], [i, 0, 0, 0])[0]) - 0.5) : 0,
        ),
      ]),
    );
    const step = interpret(graph, feeds, states);
    const lossOf = (logits: Value): number => {
      const rows = step.of(logits);
      const losses = [0, 1].map((image) => {
        const row = rows.subarray(3 * image, 3 * image + 3);
        return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[image];
      });
      return (losses[0] + losses[1]) / 2;
    };
    const [main, aside] = heads.heads.map(({ logits }) => lossOf(logits));
    expect(aside).not.toBeCloseTo(main, 3);
    expect(step.states[LOSS_SUM][0]).toBeCloseTo(main + 0.3 * aside, 12);
    // The bias of the convolution moves by what both heads ask for: central differences of the weighted loss.
    const name = "a/bias";
    const objective = (by: number): number => {
      const moved = Float64Array.from(states[name], (value, i) => (i === 0 ? value + by : value));
      return interpret(graph, feeds, { ...states, [name]: moved }).states[LOSS_SUM][0];
    };
    const slope = (objective(1e-6) - objective(-1e-6)) / 2e-6;
    // Biases learn at twice the rate.
    expect(step.states[momentumOf(name)][0]).toBeCloseTo(0.01 * 2 * slope, 9);
    expect(Math.abs(slope)).toBeGreaterThan(1e-6);
  });
});

const SRC = fileURLToPath(new URL("../", import.meta.url));

/** Why these may name it, all the same. */
const MAY_NAME_GOOGLENET: Readonly<Record<string, string>> = {
  "index.ts": "the public API has a name for each published network",
  "library/model.ts": "the same, where it is made",
  "weights/published.ts": "published files are downloaded by name",
  "weights/origin.ts": "published files are known by their hash, and have titles",
};

test("no code outside models/, study/ and the page names GoogLeNet or a layer of it", () => {
  const graph = new Graph();
  const random = graph.input("random", [4], "u32");
  build(googlenet, graph, graph.input("x", [1, 224, 224, 4]), { classes: 2, training: true, random });
  // "inception_3a/1x1" by its whole name, "inception_3a" and, as patterns have it, "inception_3*". conv1, conv2 and pools are names of anyone's.
  const labels = graph.nodes.map(({ label }) => label).filter((label) => label.includes("/"));
  const modules = labels.map((label) => label.split("/")[0].replace(/(\d)[a-z]$/, "$1")).filter((name) => !/^(conv|pool)\d$/.test(name));
  const names = [...new Set(["googlenet", ...labels, ...modules])].map((name) => name.toLowerCase());
  expect(names).toEqual(expect.arrayContaining(["inception_3", "loss1", "conv2/3x3"]));

  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.(ts|mjs|html)$/.test(path) && !/(\.test|-fixture)\.ts$/.test(path))
    // Cases of kernels are named after the layers whose shapes they have.
    .filter((path) => !/^(models|study|library\/study|web|kernels\/cases)\//.test(path));
  expect(files.length).toBeGreaterThan(250);
  const naming = files.filter((path) => {
    const code = readFileSync(SRC + path, "utf8")
      .replaceAll(/\/\*\*?[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, "")
      .toLowerCase();
    return names.some((name) => new RegExp(`(?<![a-z0-9_])${name.replaceAll("/", "\\/")}(?![0-9])`).test(code));
  });
  expect(naming.toSorted()).toEqual(Object.keys(MAY_NAME_GOOGLENET).toSorted());
});
