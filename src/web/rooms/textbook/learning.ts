// What the pages about learning find: a gradient, a step of descent, starts, auxiliary heads.
import { googlenet } from "striatum";
import { untrainedInterpreter, type InterpretedLook } from "striatum/inspect";
import type { LabPicture } from "../../worker/lab.ts";
import { rootMeanSquare, shareOfSilent, shareOfZeros, signalThrough, step, valueAt, type Values } from "./arithmetic.ts";
import {
  backwards,
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
  WEIGHT,
  type PageAsked,
} from "./asked.ts";
import type { PageFound } from "./found.ts";
import { productTable } from "./product-table.ts";
import type { Reading } from "./source.ts";
import { LABELS } from "./text.ts";

/** Half the distance of the two losses of a finite difference: in float32 a loss is known to about seven digits, in float64 to sixteen. */
const EPSILON = { gpu: 5e-4, float64: 1e-5 } as const;

/** A weight of AlexNet's conv2, and its gradient. */
interface Weight {
  readonly label: number;
  readonly look: Reading;
  readonly at: readonly [output: number, input: number, row: number, column: number];
  readonly value: number;
  readonly gradient: number;
  readonly filter: Values;
  readonly index: number;
}

async function weightOf({ source, picture, keys }: PageAsked): Promise<Weight> {
  const label = labelOf(keys, await source.probabilities(picture));
  const look = await source.look(picture, backwards(label));
  const filter = await look.read(`parameter:${WEIGHT}`);
  const [outputs, inputs, rows, columns] = filter.shape;
  const gradients = (await look.read(`gradient:${WEIGHT}`)).data;
  const strongest = steepest(gradients);
  const at = [
    wholeOf(keys, "o", [0, outputs - 1], Math.floor(strongest / (inputs * rows * columns))),
    wholeOf(keys, "i", [0, inputs - 1], Math.floor(strongest / (rows * columns)) % inputs),
    wholeOf(keys, "y", [0, rows - 1], Math.floor(strongest / columns) % rows),
    wholeOf(keys, "x", [0, columns - 1], strongest % columns),
  ] as const;
  const index = ((at[0] * inputs + at[1]) * rows + at[2]) * columns + at[3];
  return { label, look, at, value: filter.data[index], gradient: gradients[index], filter, index };
}

/** Where a weight lies, in words and for links. */
const placeOf = (at: Weight["at"]): PageFound["numbers"] => ({
  place: at.join(", "),
  output: at[0],
  weight: `conv2/${at.map((value, axis) => `${"oiyx"[axis]}=${value}`).join(",")}`,
});

/** Where the gradient is largest in size. */
function steepest(gradients: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < gradients.length; i++) if (Math.abs(gradients[i]) > Math.abs(gradients[best])) best = i;
  return best;
}

const differences = new Map<string, Promise<number>>();

export async function gradient(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const found = await weightOf(asked);
  const layer = layerOf(source, "conv2");
  const { stride, pad } = layingOf(layer);
  const { at, filter, index, label } = found;
  const [output, input, row, column] = at;
  const epsilon = EPSILON[source.how];
  const key = JSON.stringify([source.how, picture.name, label, index]);
  const lossAt = (value: number): Promise<number> => source.lossWith(picture, backwards(label), { parameter: WEIGHT, index, value });
  const difference =
    differences.get(key) ?? lossAt(found.value + epsilon).then(async (up) => (up - (await lossAt(found.value - epsilon))) / (2 * epsilon));
  differences.set(key, difference);
  difference.catch(() => differences.delete(key));
  const slope = await difference;
  // After the losses, which replace the look.
  const look = await source.look(picture, backwards(label));
  const before = layer.inputs[0];
  const [x, dy] = await Promise.all([look.read(`activation:${before}`), look.read("gradient:conv2")]);
  const [, inputs] = filter.shape;
  const groups = Math.max(1, Math.floor(x.shape[1] / inputs));
  const channel = Math.floor(output / (filter.shape[0] / groups)) * inputs + input;
  const [, , rows, columns] = layer.shape;
  const terms = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const [inRow, inColumn] = [r * stride - pad + row, c * stride - pad + column];
      if (inRow < 0 || inColumn < 0 || inRow >= x.shape[2] || inColumn >= x.shape[3]) continue;
      const value = valueAt(x, channel, inRow, inColumn);
      const weight = valueAt(dy, output, r, c);
      terms.push({ channel, row: r, column: c, value, weight, product: value * weight });
    }
  const { table, sum } = productTable(terms, LABELS.gradientHeads, null);
  const most = terms.reduce((best, each) => (Math.abs(each.product) > Math.abs(best.product) ? each : best), terms[0]);
  const [atRow, atColumn] = (keys["at"] ?? `${most.row},${most.column}`).split(",").map(Number);
  const cell = { row: Math.min(rows - 1, atRow || 0), column: Math.min(columns - 1, atColumn || 0) };
  const read = { row: cell.row * stride - pad + row, column: cell.column * stride - pad + column };
  const own = terms.find((each) => each.row === cell.row && each.column === cell.column);
  return {
    numbers: {
      label: source.labels[label],
      positions: terms.length,
      ...placeOf(at),
      gradient: (await look.read(`gradient:${WEIGHT}`)).data[index],
      sum,
      slope,
      error: Math.abs(found.gradient - sum),
      row: cell.row,
      column: cell.column,
      product: own?.product ?? 0,
      x: own?.value ?? 0,
      dy: valueAt(dy, output, cell.row, cell.column),
      before,
    },
    controls: [
      labelControl(label, source.labels),
      numberControl("o", LABELS.output, output, [0, filter.shape[0] - 1], ["at"]),
      numberControl("i", LABELS.inputChannel, input, [0, inputs - 1], ["at"]),
      numberControl("y", LABELS.row, row, [0, filter.shape[2] - 1], ["at"]),
      numberControl("x", LABELS.column, column, [0, filter.shape[3] - 1], ["at"]),
    ],
    tables: { terms: table },
    maps: [
      mapOf(
        asked,
        LABELS.cameIn(before, channel),
        { id: `activation:${before}`, values: x },
        { channel, cell: read.row >= 0 && read.row < x.shape[2] && read.column >= 0 && read.column < x.shape[3] ? read : null },
      ),
      mapOf(
        asked,
        LABELS.wentOut(output),
        { id: "gradient:conv2", values: dy },
        { palette: "signed", channel: output, cell, isPointed: true },
      ),
    ],
  };
}

/** A bowl twenty times steeper in one direction than in the other. */
const STEEP = 20;
const LOWEST = { x: 4, y: 0.5 };
const BEGIN = { x: -4, y: -0.6 };
const STEPS = 60;
const bowl = (x: number, y: number): number => ((x - LOWEST.x) ** 2 + STEEP * (y - LOWEST.y) ** 2) / 2;

export async function descent(asked: PageAsked): Promise<PageFound> {
  const { keys } = asked;
  const momentum = numberOf(keys, "mom", [0, 0.99], 0.9);
  const rate = numberOf(keys, "rate", [0.001, 0.12], 0.02);
  const decay = numberOf(keys, "wd", [0, 0.5], 0);
  const solver = { momentum, rate, decay };
  const walk = (of: typeof solver): (readonly [number, number])[] => {
    let x = { value: BEGIN.x, velocity: 0 };
    let y = { value: BEGIN.y, velocity: 0 };
    const points: (readonly [number, number])[] = [[x.value, y.value]];
    for (let i = 0; i < STEPS; i++) {
      const slope = [x.value - LOWEST.x, STEEP * (y.value - LOWEST.y)];
      x = step(x, slope[0], of);
      y = step(y, slope[1], of);
      points.push([x.value, y.value]);
    }
    return points;
  };
  const path = walk(solver);
  const plain = walk({ ...solver, momentum: 0 });
  const lossesOf = (points: typeof path): (readonly [number, number])[] =>
    points.map(([x, y], i) => [i, Math.log10(Math.max(1e-9, Math.min(1e9, bowl(x, y))))]);
  const level = (height: number): (readonly [number, number])[] =>
    Array.from({ length: 65 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 64;
      return [LOWEST.x + Math.sqrt(2 * height) * Math.cos(angle), LOWEST.y + Math.sqrt((2 * height) / STEEP) * Math.sin(angle)];
    });
  const end = path[path.length - 1];
  const { value, gradient: slope, at, label } = await weightOf(asked);
  const next = step({ value, velocity: 0 }, slope, { momentum: 0.9, rate: 0.01, decay: 5e-4 });
  return {
    numbers: {
      steps: STEPS,
      steep: STEEP,
      limit: 2 / STEEP,
      momentum,
      rate,
      decay,
      loss: bowl(...end),
      plain: bowl(...plain[plain.length - 1]),
      x: end[0],
      lowest: LOWEST.x,
      begin: bowl(BEGIN.x, BEGIN.y),
      start: value,
      gradient: slope,
      velocity: next.velocity,
      next: next.value,
      ...placeOf(at),
      label: asked.source.labels[label],
    },
    controls: [
      numberControl("rate", LABELS.rate, rate, [0.001, 0.12, 0.001]),
      numberControl("mom", LABELS.momentum, momentum, [0, 0.99, 0.01]),
      numberControl("wd", LABELS.decay, decay, [0, 0.5, 0.01]),
    ],
    lines: {
      path: {
        title: LABELS.bowl,
        xLabel: LABELS.firstWeight,
        yLabel: LABELS.secondWeight,
        x: [-6, 10],
        y: [-1.5, 2.5],
        lines: [
          ...[2, 8, 18, 32].map((height) => ({ name: LABELS.level(height), kind: "ground" as const, points: level(height) })),
          { name: LABELS.withoutMomentum, kind: "second" as const, points: plain },
          { name: LABELS.withMomentum, kind: "main" as const, points: path },
        ],
      },
      losses: {
        title: LABELS.lossOverSteps,
        xLabel: LABELS.steps,
        yLabel: LABELS.logLoss,
        x: [0, STEPS],
        y: [-6, 3],
        lines: [
          { name: LABELS.withoutMomentum, kind: "second", points: lossesOf(plain) },
          { name: LABELS.withMomentum, kind: "main", points: lossesOf(path) },
        ],
      },
    },
  };
}

const STACK = { layers: 12, width: 128 };
const DEVIATIONS: Readonly<Record<string, number>> = {
  "0.01": 0.01,
  xavier: Math.sqrt(1 / STACK.width),
  he: Math.sqrt(2 / STACK.width),
  "0.3": 0.3,
};
/** Decades that the bars span. */
const DECADES = [-15, 5] as const;

export async function starts(asked: PageAsked): Promise<PageFound> {
  const { source, picture, keys } = asked;
  const start = wordOf(keys, "start", Object.keys(DEVIATIONS), "0.01");
  const rectifies = keys["relu"] !== "off";
  const sizes = signalThrough(STACK.layers, STACK.width, DEVIATIONS[start], rectifies);
  const look = await source.look(picture);
  const rectified = source.layers.filter(({ op }) => op === "relu");
  const read = await Promise.all(rectified.map(({ name }) => look.read(`activation:${name}`)));
  const last = read[read.length - 1];
  const table = rectified.map(({ name }, i) => ({
    cells: [name, read[i].shape[1], percent(shareOfZeros(read[i].data)), percent(shareOfSilent(read[i]))],
  }));
  return {
    numbers: {
      layers: STACK.layers,
      width: STACK.width,
      deviation: DEVIATIONS[start],
      first: sizes[0],
      last: sizes[sizes.length - 1],
      units: last.shape[1],
      silent: percent(shareOfSilent(last)),
      zeros: percent(shareOfZeros(read[0].data)),
      name: rectified[rectified.length - 1].name,
      firstName: rectified[0].name,
    },
    controls: [
      choiceControl(
        "start",
        LABELS.start,
        start,
        Object.keys(DEVIATIONS).map((value) => ({ value, text: LABELS.startNames[value] })),
      ),
      choiceControl("relu", LABELS.withRelu, rectifies ? "on" : "off", [
        { value: "on", text: LABELS.on },
        { value: "off", text: LABELS.off },
      ]),
    ],
    bars: {
      signal: {
        title: LABELS.signal,
        bars: sizes.map((value, i) => ({
          label: LABELS.layer(i + 1),
          value: Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-300)) - DECADES[0]) / (DECADES[1] - DECADES[0]))),
          text: value >= 1e-3 && value < 1e4 ? value.toPrecision(3) : value.toExponential(1),
        })),
      },
    },
    tables: { dead: { caption: LABELS.silentUnits, head: LABELS.silentHeads, rows: table } },
    maps: [
      mapOf(
        asked,
        LABELS.unitsOf(rectified[rectified.length - 1].name),
        { id: `activation:${rectified[rectified.length - 1].name}`, values: last },
        { folded: 64 },
      ),
    ],
  };
}

const HEADS = { classes: 4, width: 1 / 8, size: 64, label: 3 } as const;
const BLOCKS = [
  "conv1/7x7_s2",
  "conv2/3x3",
  ...["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"].map((name) => `inception_${name}/output`),
];

/** Looks of an untrained network by picture, seed and weight of the heads; the last few are kept. */
const untrained = new Map<string, Promise<InterpretedLook>>();

function untrainedLook(picture: LabPicture, seed: number, auxiliary: number): Promise<InterpretedLook> {
  const key = JSON.stringify([picture.name, seed, auxiliary]);
  const known = untrained.get(key);
  if (known) return known;
  if (untrained.size > 8) untrained.clear();
  const { label, ...model } = HEADS;
  const net = untrainedInterpreter(googlenet(model), { seed, auxiliary, pixelScale: 1 / 64 });
  const look = net.look(picture.pixels, { of: { loss: label }, step: 0 });
  untrained.set(key, look);
  look.catch(() => untrained.delete(key));
  return look;
}

export async function heads({ picture, keys }: PageAsked): Promise<PageFound> {
  const auxiliary = numberOf(keys, "aux", [0, 1], 0.3);
  const seed = wholeOf(keys, "seed", [0, 99], 0);
  const [withHeads, without] = [await untrainedLook(picture, seed, auxiliary), await untrainedLook(picture, seed, 0)];
  const sizeIn = (look: InterpretedLook, name: string): number => rootMeanSquare(look.read(`gradient:${name}`).data);
  const rows = BLOCKS.map((name) => ({ name, by: sizeIn(withHeads, name), main: sizeIn(without, name) }));
  const [first] = rows;
  const last = rows[rows.length - 1];
  const host = { source: { how: "float64" } } as Pick<PageAsked, "source">;
  const [shownWith, shownWithout] = [withHeads, without].map((look) => look.read(`gradient:${BLOCKS[0]}`));
  const area = shownWith.shape[2] * shownWith.shape[3];
  const most = [shownWith, shownWithout].reduce(
    (size, { data }) => data.slice(0, area).reduce((a, b) => Math.max(a, Math.abs(b)), size),
    0,
  );
  const map = (title: string, values: Values): ReturnType<typeof mapOf> =>
    mapOf(host, title, { id: `gradient:${BLOCKS[0]}`, values }, { palette: "signed", most });
  return {
    numbers: {
      auxiliary,
      loss3: withHeads.losses["loss3"],
      loss1: withHeads.losses["loss1"],
      loss2: withHeads.losses["loss2"],
      total: Object.values(withHeads.losses).reduce((a, b) => a + b, 0),
      first: first.by,
      main: first.main,
      ratio: first.by / first.main,
      last: last.main,
      faded: last.main / first.main,
    },
    controls: [numberControl("aux", LABELS.auxiliary, auxiliary, [0, 1, 0.1]), numberControl("seed", LABELS.seed, seed, [0, 99])],
    bars: {
      ratios: {
        title: LABELS.ratios,
        bars: rows.map(({ name, by, main }) => ({
          label: name.replace("/output", ""),
          value: Math.min(1, by / main / 4),
          text: `× ${(by / main).toFixed(2)}`,
        })),
      },
    },
    tables: {
      gradients: {
        caption: LABELS.gradientSizes,
        head: LABELS.gradientSizeHeads,
        rows: rows.map(({ name, by, main }) => ({ cells: [name, few(by), few(main), few(by / main)] })),
      },
    },
    maps: [map(LABELS.gradientWith, shownWith), map(LABELS.gradientWithout, shownWithout)],
  };
}
