// Lines and strips on 2-D canvases, which are drawn while something learns: a chart library would build its picture anew each time.
import type { LayerRecord, Run } from "./runs.ts";
import { decimated } from "./runs.ts";

const MOST_POINTS = 2000;
const MOST_RATIO = 2;
const FONT = "12px ui-monospace, monospace";
const MARGIN = { left: 44, right: 24, top: 10, bottom: 22 };

/** A dash of each run beside its colour, so that neither alone has to distinguish them. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 6], [4, 2], [1, 5], [6, 2, 1, 2, 1, 2]];

/** Number from 0 of a run's colour and dash. */
export const styleOf = ({ number }: Pick<Run, "number">): number => (number - 1) % DASHES.length;

interface Prepared {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly colour: (name: string) => string;
}

/** A cleared canvas in pixels of the page; null while it is not shown. */
export function prepared(canvas: HTMLCanvasElement): Prepared | null {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (width === 0 || height === 0 || !context) return null;
  const ratio = Math.min(devicePixelRatio, MOST_RATIO);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  return { context, width, height, colour: (name) => style.getPropertyValue(name) };
}

/**
 * The loss of each step of all runs; of the open one its heads, thinner, a line at the step at which it stands, and one at the loss of a head that gives each of its classes the
 * same probability.
 */
export function drawLoss(
  canvas: HTMLCanvasElement,
  runs: readonly Run[],
  { open, step, classes }: { readonly open: Run | null; readonly step: number; readonly classes: number | null },
): void {
  const on = prepared(canvas);
  if (!on) return;
  const { context, width, height, colour } = on;
  const chance = classes === null ? 0 : Math.log(classes);
  const steps = Math.max(10, ...runs.map(({ records }) => records.length));
  const starts = runs.flatMap(({ records }) => (records[0] ? [records[0].loss] : []));
  const largest = Math.max(
    ...runs.map(({ records }) => records.reduce((most, { loss }) => (loss > most && Number.isFinite(loss) ? loss : most), 0)),
    chance * 1.2,
    0.1,
  );
  // A run that diverges would press the others flat.
  const top = Math.min(largest * 1.05, 4 * Math.max(...starts, chance, 0.1));
  const x = (at: number): number => MARGIN.left + ((width - MARGIN.left - MARGIN.right) * at) / (steps - 1);
  const y = (value: number): number => height - MARGIN.bottom - ((height - MARGIN.top - MARGIN.bottom) * Math.min(value, top)) / top;

  context.font = FONT;
  context.fillStyle = colour("--quiet");
  context.strokeStyle = colour("--line");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(top)) {
    line(context, [MARGIN.left, y(value)], [width - MARGIN.right, y(value)]);
    context.fillText(String(value), MARGIN.left - 6, y(value));
  }
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (const value of ticks(steps)) context.fillText(String(value), x(Math.max(0, value - 1)), height - 4);

  if (chance > 0) {
    context.setLineDash([1, 3]);
    context.strokeStyle = colour("--quiet");
    line(context, [MARGIN.left, y(chance)], [width - MARGIN.right, y(chance)]);
  }

  for (const run of runs) {
    const style = styleOf(run);
    context.strokeStyle = context.fillStyle = colour(`--run-${style}`);
    context.setLineDash([...DASHES[style]]);
    context.lineWidth = run === open ? 2 : 1.25;
    const points = decimated(
      run.records.map(({ loss }) => loss),
      MOST_POINTS,
    );
    polyline(
      context,
      points.map(([at, value]) => [x(at), y(value)]),
    );
    const last = points.at(-1);
    if (last) {
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(String(run.number), Math.min(x(last[0]) + 5, width - 14), y(last[1]));
    }
    const heads = run === open ? Object.keys(run.records[0]?.losses ?? {}) : [];
    if (heads.length < 2) continue;
    context.lineWidth = 0.75;
    for (const head of heads) {
      const found = decimated(
        run.records.map(({ losses }) => losses[head]),
        MOST_POINTS,
      );
      polyline(
        context,
        found.map(([at, value]) => [x(at), y(value)]),
      );
    }
  }
  context.setLineDash([]);
  if (chance > 0) {
    const text = `chance ${chance.toFixed(2)}`;
    const [left, middle] = [MARGIN.left + 4, y(chance)];
    context.clearRect(left - 2, middle - 8, context.measureText(text).width + 4, 16);
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillStyle = colour("--quiet");
    context.fillText(text, left, middle);
  }
  context.strokeStyle = colour("--ink");
  context.lineWidth = 1;
  if (step > 0) line(context, [x(step - 1), MARGIN.top], [x(step - 1), height - MARGIN.bottom]);
}

/** Norms of the gradients: a row for each layer, a column for each step that was measured, the last at the right. */
export function drawRidge(canvas: HTMLCanvasElement, measures: readonly LayerRecord[]): void {
  const on = prepared(canvas);
  if (!on) return;
  const { context, width, height } = on;
  context.clearRect(0, 0, width, height);
  const shown = measures.slice(-Math.max(1, Math.floor(width / 3)));
  const layers = shown.at(-1)?.layers ?? [];
  const logs = shown.map((each) => each.layers.map(({ gradient }) => Math.log10(Math.max(gradient ?? NaN, 1e-12))));
  const finite = logs.flat().filter(Number.isFinite);
  const least = Math.min(...finite);
  const range = Math.max(Math.max(...finite) - least, 1e-6);
  const side = { width: width / Math.max(40, shown.length), height: height / Math.max(1, layers.length) };
  logs.forEach((column, i) =>
    column.forEach((value, row) => {
      context.fillStyle = Number.isFinite(value) ? ridgeColour((value - least) / range) : "rgb(230 0 204)";
      context.fillRect(i * side.width, row * side.height, side.width + 0.5, Math.max(1, side.height - 0.5));
    }),
  );
}

/** From dark blue to light yellow, in the order of lightness. */
const ridgeColour = (share: number): string => `rgb(${20 + 230 * share} ${40 + 190 * share} ${150 - 70 * share})`;

function ticks(top: number): number[] {
  const rough = top / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) as number;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

type At = readonly [number, number];

function line(context: CanvasRenderingContext2D, from: At, to: At): void {
  polyline(context, [from, to]);
}

export function polyline(context: CanvasRenderingContext2D, points: readonly At[]): void {
  context.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.stroke();
}
