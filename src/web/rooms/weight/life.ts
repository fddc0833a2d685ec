// A weight's life on a 2-D canvas: three lines, each on its own scale.
import { polyline, prepared } from "../learn/charts.ts";
import type { Moment } from "./worker-part.ts";

/** A step of a weight's life; the gradient is known where the step before was seen too. */
export interface LifeStep extends Moment {
  readonly gradient: number | null;
}

/** How the steps of a run change a weight. */
export interface UpdateRule {
  readonly momentum: number;
  readonly decay: number;
  readonly rateMultiplier: number;
  readonly rateAt: (step: number) => number;
}

/** Moments in the order of steps, with the gradient that each step applied: dw = (v' - m v) / rate - decay w, where the moment before it is known. */
export function lifeOf(moments: ReadonlyMap<number, Moment>, { momentum, decay, rateMultiplier, rateAt }: UpdateRule): LifeStep[] {
  return [...moments.values()]
    .toSorted((a, b) => a.step - b.step)
    .map((moment) => {
      const before = moments.get(moment.step - 1);
      const rate = rateMultiplier * rateAt(moment.step - 1);
      const gradient = before && rate > 0 ? (moment.momentum - momentum * before.momentum) / rate - decay * before.value : null;
      return { ...moment, gradient };
    });
}

const ROWS = ["value", "momentum", "gradient"] as const;

export function drawLife(
  canvas: HTMLCanvasElement,
  life: readonly LifeStep[],
  names: Readonly<Record<(typeof ROWS)[number], string>>,
): void {
  const on = prepared(canvas);
  if (!on || life.length === 0) return;
  const { context, width, height, colour } = on;
  const [first, last] = [life[0].step, life[life.length - 1].step];
  const x = (step: number): number => 8 + ((width - 16) * (step - first)) / Math.max(1, last - first);
  const each = height / ROWS.length;
  context.font = "12px ui-monospace, monospace";
  context.textBaseline = "top";
  ROWS.forEach((row, i) => {
    const known = life.flatMap((step) => (step[row] === null ? [] : [[step.step, step[row]] as const]));
    const values = known.map(([, value]) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const range = Math.max(most - least, 1e-12);
    const [top, bottom] = [i * each + 20, (i + 1) * each - 8];
    context.fillStyle = colour("--quiet");
    context.fillText(known.length > 0 ? `${names[row]}: ${least.toPrecision(4)} to ${most.toPrecision(4)}` : names[row], 8, i * each + 4);
    context.strokeStyle = colour(`--run-${i}`);
    context.lineWidth = 1.5;
    const points = known.map(([step, value]) => [x(step), bottom - ((bottom - top) * (value - least)) / range] as const);
    polyline(context, points);
    const end = points.at(-1);
    context.fillStyle = colour(`--run-${i}`);
    if (end) context.fillRect(end[0] - 2, end[1] - 2, 4, 4);
  });
}
