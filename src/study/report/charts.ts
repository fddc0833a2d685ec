// The charts of the report, each a function from plain values to the text of one `<svg>` with a sentence for those who cannot see it. Colour
// never stands alone: whatever it shows is also shown by a label, a place or a mark.
import type { Interval } from "../../statistics/interval.ts";
import { FAINT, FONT, GREY, HALO, short, SMALL, SMALL_SQUARE, smallAxes } from "./chart-style.ts";
import { digits2, digits3 } from "../numbers.ts";
import { svgText, type PlotLibrary } from "./svg-document.ts";

export interface ForestRow {
  /** At the left, in one line. */
  readonly label: string;
  readonly colour: string;
  readonly value: number;
  readonly interval: Interval;
  /** Filled or hollow. */
  readonly filled: boolean;
  /** At the right. */
  readonly told: string;
  /** Small dots: single seeds. */
  readonly others: readonly number[];
}

export interface ForestOptions {
  readonly domain: readonly [number, number];
  /** Chance, or no difference: 0.5 for an area, 0 for a difference. */
  readonly nothing: number;
  readonly axis: string;
  readonly label: string;
  readonly width: number;
  readonly labelWidth: number;
  readonly toldWidth: number;
}

/** Values and their intervals in rows, with their numbers at the right. */
export function forestChart(plot: PlotLibrary, rows: readonly ForestRow[], options: ForestOptions): string {
  const { domain, nothing, axis, label, labelWidth, toldWidth, width } = options;
  const at = (_: ForestRow, i: number): string => String(i);
  const clamp = (value: number): number => Math.min(domain[1], Math.max(domain[0], value));
  const dots = rows.flatMap(({ others, colour }, i) => others.map((value) => ({ value: clamp(value), row: String(i), colour })));
  return svgText(
    plot,
    {
      width,
      height: 52 + rows.length * 30,
      marginLeft: labelWidth,
      marginRight: toldWidth,
      marginTop: 8,
      marginBottom: 40,
      style: { ...FONT, fontSize: "13px" },
      x: { domain, label: null },
      y: { domain: rows.map((_, i) => String(i)), label: null, axis: null },
      marks: [
        plot.axisX({ label: axis, labelAnchor: "center", labelArrow: "none", ticks: 6 }),
        plot.gridX({ ticks: 6, stroke: FAINT, strokeOpacity: 0.6 }),
        plot.ruleX(nothing >= domain[0] && nothing <= domain[1] ? [nothing] : [], { stroke: GREY, strokeDasharray: "3,3" }),
        plot.link(rows, {
          x1: ({ interval }: ForestRow) => clamp(interval.low),
          x2: ({ interval }: ForestRow) => clamp(interval.high),
          y1: at,
          y2: at,
          stroke: "colour",
          strokeWidth: 2,
        }),
        plot.dot(dots, { x: "value", y: "row", r: 3, fill: "white", stroke: "colour", strokeWidth: 1.2, dy: 8 }),
        plot.dot(rows, {
          x: ({ value }: ForestRow) => clamp(value),
          y: at,
          r: 5,
          stroke: "colour",
          strokeWidth: 2,
          fill: (row: ForestRow) => (row.filled ? row.colour : "white"),
        }),
        plot.text(rows, { text: "label", x: () => domain[0], dx: -labelWidth + 4, y: at, textAnchor: "start" }),
        plot.text(rows, { text: "told", x: () => domain[1], dx: toldWidth - 4, y: at, textAnchor: "end", fontVariant: "tabular-nums" }),
      ],
    },
    label,
  );
}

export interface ReliabilityBin {
  readonly predicted: number;
  readonly observed: Interval & { readonly value: number };
}

/** Predicted against observed shares, in bins of equal count, each with Wilson's interval. */
export function calibrationChart(
  plot: PlotLibrary,
  bins: readonly ReliabilityBin[],
  { colour, name, finding }: { readonly colour: string; readonly name: string; readonly finding: string },
): string {
  return svgText(
    plot,
    {
      ...SMALL_SQUARE,
      marks: [
        ...smallAxes(plot, `predicted: mean P(${finding})`, `share with ${finding}`),
        plot.line([[0, 0] as const, [1, 1] as const], { stroke: GREY, strokeDasharray: "3,3" }),
        plot.link(bins, {
          x1: "predicted",
          x2: "predicted",
          y1: ({ observed }: ReliabilityBin) => observed.low,
          y2: ({ observed }: ReliabilityBin) => observed.high,
          stroke: colour,
          strokeOpacity: 0.6,
        }),
        plot.line(bins, { x: "predicted", y: ({ observed }: ReliabilityBin) => observed.value, stroke: colour, strokeOpacity: 0.5 }),
        plot.dot(bins, { x: "predicted", y: ({ observed }: ReliabilityBin) => observed.value, r: 4, fill: colour }),
      ],
    },
    `Calibration of ${name}: ${bins.map(({ predicted, observed }) => `predicted ${digits2(predicted)}, observed ${digits2(observed.value)}`).join("; ")}.`,
  );
}

export interface DecisionPoint {
  readonly threshold: number;
  /** Net benefit of acting as the model says, and of acting on all cases. */
  readonly netBenefit: number;
  readonly ofAll: number;
}

/** Net benefit by threshold: of the model (thick), of acting on all cases (dashed) and on none (0). */
export function decisionChart(
  plot: PlotLibrary,
  points: readonly DecisionPoint[],
  { colour, name, finding }: { readonly colour: string; readonly name: string; readonly finding: string },
): string {
  const most = Math.max(0.1, ...points.flatMap(({ netBenefit, ofAll }) => [netBenefit, ofAll]));
  const lowest = -0.15 * most;
  const thresholds = points.map(({ threshold }) => threshold);
  const ends = [Math.min(...thresholds), Math.max(...thresholds)];
  const shown = points.map(({ threshold, netBenefit, ofAll }) => ({
    threshold,
    netBenefit: Math.max(lowest, netBenefit),
    ofAll: ofAll < lowest ? null : ofAll,
  }));
  const [first] = points;
  return svgText(
    plot,
    {
      ...SMALL,
      height: 190,
      x: { domain: ends, label: null },
      y: { domain: [lowest, 1.05 * most], label: null },
      marks: [
        plot.axisX({
          ticks: 3,
          tickSize: 4,
          tickFormat: short,
          label: `threshold on P(${finding})`,
          labelAnchor: "center",
          labelArrow: "none",
        }),
        plot.axisY({ ticks: 4, tickSize: 4, tickFormat: short, label: "net benefit", labelAnchor: "center", labelArrow: "none" }),
        plot.frame({ stroke: FAINT }),
        plot.ruleY([0], { stroke: GREY }),
        plot.line(shown, { x: "threshold", y: "ofAll", stroke: GREY, strokeWidth: 1.5, strokeDasharray: "4,3" }),
        plot.line(shown, { x: "threshold", y: "netBenefit", stroke: colour, strokeWidth: 2 }),
      ],
    },
    `Decision curve of ${name}: net benefit ${digits2(first.netBenefit)} at threshold ${digits2(first.threshold)}, acting on all cases ${digits2(first.ofAll)}.`,
  );
}

export interface LearningCurve {
  readonly name: string;
  readonly colour: string;
  readonly training: readonly LossPoint[];
  readonly validation: readonly LossPoint[];
  /** The point whose weights are evaluated. */
  readonly kept: LossPoint | null;
  /** Loss of a network that gives every class the same probability. */
  readonly chance: number;
}

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** Loss on training (thin, dashed) and validation (thick) cases; all charts of a row share `most`, the top of the axis. */
export function learningChart(
  plot: PlotLibrary,
  { name, colour, training, validation, kept, chance }: LearningCurve,
  most: number,
): string {
  const steps = Math.max(1, ...[...training, ...validation].map(({ step }) => step));
  const shown = (points: readonly LossPoint[]): LossPoint[] => points.map(({ step, loss }) => ({ step, loss: Math.min(loss, most) }));
  return svgText(
    plot,
    {
      ...SMALL,
      height: 190,
      x: { domain: [0, steps], label: null },
      y: { domain: [0, most], label: null },
      marks: [
        plot.axisX([0, steps], { tickSize: 4, label: "steps", labelAnchor: "center", labelArrow: "none", tickFormat: short }),
        plot.axisY({ ticks: 4, tickSize: 4, tickFormat: short, label: "loss", labelAnchor: "center", labelArrow: "none" }),
        plot.frame({ stroke: FAINT }),
        plot.ruleY([chance], { stroke: GREY, strokeDasharray: "1,3" }),
        plot.line(shown(training), { x: "step", y: "loss", stroke: GREY, strokeWidth: 1.5, strokeDasharray: "4,3" }),
        plot.line(shown(validation), { x: "step", y: "loss", stroke: colour, strokeWidth: 2 }),
        plot.text(["chance"], { x: () => steps, y: () => chance, dx: -3, dy: -6, textAnchor: "end", fill: GREY, fontSize: 11, ...HALO }),
        plot.dot(kept ? shown([kept]) : [], { x: "step", y: "loss", r: 4.5, fill: "white", stroke: colour, strokeWidth: 2 }),
      ],
    },
    `Loss of ${name} over ${steps} steps` +
      (kept ? `; on validation ${digits3(kept.loss)} at step ${kept.step}, whose weights are evaluated.` : "."),
  );
}

export interface ErrorCell {
  /** "G-TA" */
  readonly model: string;
  readonly case: string;
  readonly wrong: "missed" | "false alarm" | null;
}

/** Which model errs on which case: a missed hemorrhage is a filled square, a false alarm a ring. */
export function errorMap(plot: PlotLibrary, cells: readonly ErrorCell[], label: string): string {
  const cases = [...new Set(cells.map((cell) => cell.case))];
  const models = [...new Set(cells.map(({ model }) => model))];
  const step = Math.max(8, Math.min(22, Math.floor(740 / cases.length)));
  return svgText(
    plot,
    {
      width: 50 + step * cases.length + 8,
      height: 8 + 22 * models.length + 44,
      marginLeft: 50,
      marginRight: 8,
      marginTop: 8,
      marginBottom: 44,
      style: FONT,
      x: { domain: cases, padding: 0.12, label: null },
      y: { domain: models, padding: 0.12, label: null },
      marks: [
        plot.axisX({ tickRotate: -90, tickSize: 0, fontSize: step < 12 ? 8 : 11, label: null }),
        plot.axisY({ tickSize: 0, label: null }),
        plot.cell(cells, { x: "case", y: "model", fill: "#eef0f3" }),
        plot.cell(
          cells.filter(({ wrong }) => wrong === "missed"),
          { x: "case", y: "model", fill: "#c8500a" },
        ),
        plot.dot(
          cells.filter(({ wrong }) => wrong === "false alarm"),
          { x: "case", y: "model", r: step / 3.4, stroke: "#0b63a5", strokeWidth: 2, fill: "white" },
        ),
      ],
    },
    label,
  );
}
