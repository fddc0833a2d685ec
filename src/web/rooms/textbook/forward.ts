// What the pages about the forward pass find: convolution, sizes, ReLU and pooling, normalisation, Inception, softmax and loss.
import { convolved, pooled, productsOf, shareOfZeros, softmax, valueAt, type Values } from "./arithmetic.ts";
import {
  backwards,
  cellOf,
  choiceControl,
  few,
  labelControl,
  labelOf,
  layerOf,
  layingOf,
  mapOf,
  numberControl,
  numberOf,
  percent,
  wholeOf,
  wordOf,
  type PageAsked,
} from "./asked.ts";
import type { PageFound } from "./found.ts";
import { productTable } from "./product-table.ts";
import { LABELS } from "./text.ts";

export async function convolution(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const layer = layerOf(source, "conv1");
  const { stride, pad } = layingOf(layer);
  const look = await source.look(picture);
  const [x, y, filter, biases] = await Promise.all(
    ["activation:data", "activation:conv1", "parameter:conv1/weight", "parameter:conv1/bias"].map((id) => look.read(id)),
  );
  const [filters, inputs, height, width] = filter.shape;
  const channel = wholeOf(keys, "c", [0, filters - 1], 0);
  const at = cellOf(keys, layer);
  const { products } = productsOf(x, filter, { output: channel, ...at, stride, pad });
  const { table, sum } = productTable(products, LABELS.productHeads, biases.data[channel]);
  const value = valueAt(y, channel, at.row, at.column);
  const frame = { row: at.row * stride - pad, column: at.column * stride - pad, rows: height, columns: width };
  return {
    numbers: {
      filters,
      side: height,
      inputs,
      products: inputs * height * width,
      stride,
      rows: layer.shape[2],
      weights: filters * inputs * height * width,
      channel,
      row: at.row,
      column: at.column,
      value,
      sum,
      difference: Math.abs(value - sum),
    },
    controls: [numberControl("c", LABELS.filter, channel, [0, filters - 1])],
    maps: [
      mapOf(asked, LABELS.input, { id: "activation:data", values: x }, { palette: "signed", frame }),
      mapOf(asked, LABELS.filterOf(channel), { id: "parameter:conv1/weight", values: filter }, { palette: "filters", channel }),
      mapOf(
        asked,
        LABELS.map("conv1", channel),
        { id: "activation:conv1", values: y },
        { palette: "signed", channel, cell: at, isPointed: true },
      ),
    ],
    tables: { products: table },
  };
}

export async function sizes(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const extent = wholeOf(keys, "n", [4, 32], 14);
  const size = wholeOf(keys, "k", [1, 11], 3);
  const stride = wholeOf(keys, "s", [1, 5], 2);
  const pad = Math.min(size - 1, wholeOf(keys, "p", [0, 5], 0));
  const laying = { stride, pad };
  const look = await source.look(picture);
  const sized = source.layers.filter(({ op }) => op === "conv2d" || op === "maxPool");
  const rows = await Promise.all(
    sized.map(async (layer) => {
      const input = layerOf(source, layer.inputs[0]);
      const laid = layingOf(layer);
      const isPool = layer.op === "maxPool";
      const weights = layer.parameters.find((name) => name.endsWith("/weight"));
      const side = isPool ? laid.size : (await look.read(`parameter:${weights}`)).shape[2];
      const rule = isPool ? pooled(input.shape[2], side, laid) : convolved(input.shape[2], side, laid);
      return { layer, cells: [layer.name, input.shape[2], side, laid.stride, laid.pad, rule, layer.shape[2]] };
    }),
  );
  const named = ["conv1", "pool1", "conv2", "pool2"];
  const values = await Promise.all(named.map((name) => look.read(`activation:${name}`)));
  return {
    numbers: {
      extent,
      size,
      stride,
      pad,
      convolution: convolved(extent, size, laying),
      pooling: pooled(extent, size, laying),
      agreeing: rows.filter(({ cells }) => cells[5] === cells[6]).length,
      layers: rows.length,
      input: layerOf(source, "data").shape[2],
      last: layerOf(source, "pool5").shape[2],
    },
    controls: [
      numberControl("n", LABELS.extent, extent, [4, 32]),
      numberControl("k", LABELS.size, size, [1, 11]),
      numberControl("s", LABELS.stride, stride, [1, 5]),
      numberControl("p", LABELS.pad, pad, [0, Math.min(5, size - 1)]),
    ],
    windows: { title: LABELS.windows, extent, size, stride, pad, count: convolved(extent, size, laying) },
    tables: { layers: { caption: LABELS.layerSizes, head: LABELS.sizeHeads, rows: rows.map(({ cells }) => ({ cells })) } },
    maps: named.map((name, i) =>
      mapOf(
        asked,
        LABELS.sizedMap(name, values[i].shape[2], values[i].shape[3]),
        { id: `activation:${name}`, values: values[i] },
        { palette: name.startsWith("conv") ? "signed" : "unsigned", channel: "strongest" },
      ),
    ),
  };
}

export async function gates(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const pool = layerOf(source, "pool1/3x3_s2");
  const { size, stride, pad } = layingOf(pool);
  const look = await source.look(picture);
  const names = ["conv1/7x7_s2", "conv1/relu_7x7", "pool1/3x3_s2"];
  const [before, rectified, y] = await Promise.all(names.map((name) => look.read(`activation:${name}`)));
  const channel = wholeOf(keys, "c", [0, pool.shape[1] - 1], 0);
  const at = cellOf(keys, pool);
  const [, channels, rows, columns] = rectified.shape;
  const area = rows * columns;
  const own = Array.from({ length: area }, (_, i) => rectified.data[channel * area + i]);
  const window: { readonly row: number; readonly column: number; readonly raw: number; readonly value: number }[] = [];
  for (let r = 0; r < size; r++)
    for (let t = 0; t < size; t++) {
      const [row, column] = [at.row * stride - pad + r, at.column * stride - pad + t];
      if (row < 0 || column < 0 || row >= rows || column >= columns) continue;
      window.push({ row, column, raw: valueAt(before, channel, row, column), value: valueAt(rectified, channel, row, column) });
    }
  const most = Math.max(...window.map(({ value }) => value));
  const winner = window.find(({ value }) => value === most);
  const frame = { row: at.row * stride - pad, column: at.column * stride - pad, rows: size, columns: size };
  const value = valueAt(y, channel, at.row, at.column);
  return {
    numbers: {
      channels,
      zeros: percent(shareOfZeros(rectified.data)),
      ownZeros: percent(shareOfZeros(own)),
      row: at.row,
      column: at.column,
      window: window.length,
      negative: window.filter(({ raw }) => raw <= 0).length,
      most,
      value,
      winner: winner ? `${winner.row}, ${winner.column}` : "",
      from: rows,
      to: pool.shape[2],
    },
    controls: [numberControl("c", LABELS.channel, channel, [0, channels - 1])],
    tables: {
      window: {
        caption: LABELS.windowOf,
        head: LABELS.windowHeads,
        rows: window.map((each) => ({
          cells: [`${each.row}, ${each.column}`, few(each.raw), few(each.value), each === winner ? LABELS.wins : ""],
          isMarked: each === winner,
        })),
      },
    },
    maps: [
      mapOf(asked, LABELS.map(names[0], channel), { id: `activation:${names[0]}`, values: before }, { palette: "signed", channel, frame }),
      mapOf(asked, LABELS.map(names[1], channel), { id: `activation:${names[1]}`, values: rectified }, { channel, frame }),
      mapOf(asked, LABELS.map(names[2], channel), { id: `activation:${names[2]}`, values: y }, { channel, cell: at, isPointed: true }),
    ],
  };
}

export async function normalisation(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const layer = layerOf(source, "norm1");
  const { size, alpha, beta, k } = layer.attributes as Readonly<Record<string, number>>;
  const look = await source.look(picture);
  const [x, y] = await Promise.all([look.read("activation:relu1"), look.read("activation:norm1")]);
  const channels = layer.shape[1];
  const channel = wholeOf(keys, "c", [0, channels - 1], Math.floor(channels / 2));
  const at = cellOf(keys, layer);
  const factor = 10 ** numberOf(keys, "a", [0, 4], 0);
  const reach = (size - 1) / 2;
  const neighbours = Array.from({ length: size }, (_, i) => channel - reach + i).filter((c) => c >= 0 && c < channels);
  const squares = neighbours.map((c) => valueAt(x, c, at.row, at.column) ** 2);
  const sum = squares.reduce((a, b) => a + b, 0);
  const scaleFor = (a: number): number => k + (a / size) * sum;
  const own = valueAt(x, channel, at.row, at.column);
  const largestScale = scaleOfAll(x, { size, alpha, k });
  const value = valueAt(y, channel, at.row, at.column);
  const exact = own * scaleFor(alpha) ** -beta;
  return {
    numbers: {
      size,
      alpha,
      beta,
      k,
      row: at.row,
      column: at.column,
      channel,
      own,
      squares: sum,
      scale: scaleFor(alpha),
      factor: scaleFor(alpha) ** -beta,
      exact,
      value,
      difference: Math.abs(value - exact),
      largest: largestScale,
      least: largestScale ** -beta,
      changed: own * scaleFor(alpha * factor) ** -beta,
      changedAlpha: alpha * factor,
    },
    controls: [
      numberControl("c", LABELS.channel, channel, [0, channels - 1]),
      numberControl("a", LABELS.alphaTimes, Math.log10(factor), [0, 4]),
    ],
    tables: {
      neighbours: {
        caption: LABELS.neighbours,
        head: LABELS.neighbourHeads,
        rows: neighbours.map((c, i) => ({ cells: [c, few(valueAt(x, c, at.row, at.column)), few(squares[i])], isMarked: c === channel })),
      },
    },
    maps: [
      mapOf(asked, LABELS.map("relu1", channel), { id: "activation:relu1", values: x }, { channel, cell: at }),
      mapOf(asked, LABELS.map("norm1", channel), { id: "activation:norm1", values: y }, { channel, cell: at, isPointed: true }),
    ],
  };
}

/** The largest scale of a layer. */
function scaleOfAll(
  { shape: [, channels, rows, columns], data }: Values,
  { size, alpha, k }: { readonly size: number; readonly alpha: number; readonly k: number },
): number {
  const area = rows * columns;
  const reach = (size - 1) / 2;
  let most = k;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < area; i++) {
      let sum = 0;
      for (let n = Math.max(0, c - reach); n <= Math.min(channels - 1, c + reach); n++) sum += data[n * area + i] ** 2;
      most = Math.max(most, k + (alpha / size) * sum);
    }
  return most;
}

const MODULES = ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"];

export async function inception(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const module = wordOf(keys, "module", MODULES, "3b");
  const block = `inception_${module}`;
  const look = await source.look(picture);
  const inputs = layerOf(source, layerOf(source, `${block}/1x1`).inputs[0]).shape[1];
  const convolutions = source.layers.filter((layer) => layer.block === block && layer.op === "conv2d");
  const counted = await Promise.all(
    convolutions.map(async (layer) => {
      const filter = await look.read(`parameter:${layer.name}/weight`);
      const [outputs, from, side] = filter.shape;
      const [, , rows, columns] = layer.shape;
      return { layer, outputs, from, side, weights: filter.data.length, products: rows * columns * outputs * from * side * side };
    }),
  );
  const of = (name: string): (typeof counted)[number] =>
    counted.find(({ layer }) => layer.name === `${block}/${name}`) as (typeof counted)[number];
  const sum = counted.reduce((all, { products }) => all + products, 0);
  const direct = (name: string): number => (of(name).products / of(name).from) * inputs;
  const naive = of("1x1").products + direct("3x3") + direct("5x5") + of("pool_proj").products;
  const reduced = of("5x5").products + of("5x5_reduce").products;
  const lanes = ["relu_1x1", "relu_3x3", "relu_5x5", "relu_pool_proj"];
  const values = await Promise.all(lanes.map((name) => look.read(`activation:${block}/${name}`)));
  const output = layerOf(source, `${block}/output`).shape[1];
  return {
    numbers: {
      module,
      inputs,
      output,
      n1: of("1x1").outputs,
      n3: of("3x3").outputs,
      n5: of("5x5").outputs,
      projection: of("pool_proj").outputs,
      reduce5: of("5x5_reduce").outputs,
      direct5: direct("5x5"),
      reduced5: reduced,
      ratio5: direct("5x5") / reduced,
      products: sum,
      naive,
      ratio: naive / sum,
      weights: counted.reduce((all, { weights }) => all + weights, 0),
    },
    controls: [
      choiceControl(
        "module",
        LABELS.module,
        module,
        MODULES.map((value) => ({ value, text: `inception_${value}` })),
      ),
    ],
    tables: {
      branches: {
        caption: LABELS.branches(module),
        head: LABELS.branchHeads,
        rows: counted.map(({ layer, outputs, from, side, products, weights }) => ({
          cells: [layer.name.slice(block.length + 1), `${side} × ${side}`, from, outputs, weights, products],
        })),
      },
    },
    maps: lanes.map((name, i) =>
      mapOf(
        asked,
        LABELS.lane(name.replace("relu_", ""), values[i].shape[1]),
        { id: `activation:${block}/${name}`, values: values[i] },
        { channel: "strongest" },
      ),
    ),
  };
}

export async function loss(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const label = labelOf(keys, await source.probabilities(picture));
  const look = await source.look(picture, backwards(label));
  const [scores, gradient] = await Promise.all([look.read("activation:fc8"), look.read("gradient:fc8")]);
  const added = numberOf(keys, "add", [-20, 20], 0);
  const changed = Array.from(scores.data, (value, i) => value + (i === label ? added : 0));
  const exact = softmax(scores.data);
  const p = softmax(changed);
  const order = exact.map((_, i) => i).toSorted((a, b) => exact[b] - exact[a]);
  const listed = [...new Set([...order.slice(0, 5), label])];
  const most = Math.max(...changed);
  return {
    numbers: {
      classes: exact.length,
      label: source.labels[label],
      likeliest: source.labels[order[0]],
      first: look.probabilities[order[0]],
      p: look.probabilities[label],
      exact: exact[label],
      loss: -Math.log(exact[label]),
      changed: -Math.log(p[label]),
      added,
      chance: Math.log(exact.length),
      gradient: gradient.data[label],
      gradientExact: exact[label] - 1,
      gradientSum: Array.from(gradient.data).reduce((a, b) => a + b, 0),
    },
    controls: [labelControl(label, source.labels), numberControl("add", LABELS.addScore, added, [-20, 20])],
    bars: {
      probabilities: {
        title: LABELS.probabilities,
        bars: listed.map((i) => ({ label: source.labels[i], value: p[i], text: p[i] < 1e-4 ? p[i].toExponential(1) : p[i].toFixed(4) })),
      },
    },
    tables: {
      scores: {
        caption: LABELS.scores,
        head: LABELS.scoreHeads,
        rows: listed.map((i) => ({
          cells: [source.labels[i], few(changed[i]), few(Math.exp(changed[i] - most)), few(p[i]), few(p[i] - (i === label ? 1 : 0))],
          isMarked: i === label,
        })),
      },
    },
    maps: [mapOf(asked, LABELS.allScores, { id: "activation:fc8", values: scores }, { palette: "signed", folded: 16 })],
  };
}
