// ROC curves: one model by itself with its band, the arms of one network, and two over one another.
import type { BandPoint } from "./roc-band.ts";
import type { Interval } from "../../statistics/interval.ts";
import { FAINT, FONT, GREY, SMALL_SQUARE, smallAxes, UNIT_SQUARE } from "./chart-style.ts";
import { digits2, digits3, interval } from "../numbers.ts";
import { svgText, type PlotLibrary } from "./svg-document.ts";

export interface RocCurve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly falsePositiveRate: number; readonly sensitivity: number }[];
  readonly auc: number;
  readonly interval: Interval;
  /** Where the threshold lies that validation chose. */
  readonly operating: { readonly sensitivity: number; readonly specificity: number } | null;
  /** For other cases, point by point. */
  readonly band: readonly BandPoint[];
}

const across = (point: { readonly specificity: number }): number => 1 - point.specificity;

/** One curve: points are joined by straight lines, which are steps unless scores of both classes tie. */
export function rocChart(plot: PlotLibrary, { name, colour, points, auc, interval: bounds, operating, band }: RocCurve): string {
  return svgText(
    plot,
    {
      ...SMALL_SQUARE,
      marks: [
        ...smallAxes(plot, "1 \u2212 specificity", "sensitivity"),
        plot.line([[0, 0] as const, [1, 1] as const], { stroke: FAINT, strokeDasharray: "3,3" }),
        plot.areaY(band, { x: "falsePositiveRate", y1: "low", y2: "high", fill: colour, fillOpacity: 0.16 }),
        plot.line(points, { x: "falsePositiveRate", y: "sensitivity", stroke: colour, strokeWidth: 2 }),
        plot.dot(operating ? [operating] : [], { x: across, y: "sensitivity", r: 4.5, fill: "white", stroke: colour, strokeWidth: 2 }),
        plot.text([`AUC ${digits3(auc)}`], { x: () => 0.97, y: () => 0.2, textAnchor: "end", fontWeight: 600, fontSize: 14 }),
        plot.text([interval(bounds)], { x: () => 0.97, y: () => 0.09, textAnchor: "end", fill: GREY }),
      ],
    },
    `ROC curve of ${name}: AUC ${digits3(auc)}, 95 % interval ${interval(bounds)}` +
      (operating
        ? `; at its threshold sensitivity ${digits2(operating.sensitivity)}, specificity ${digits2(operating.specificity)}.`
        : "."),
  );
}

/** Axes, grid and the line of chance of a large ROC chart. */
const frameOf = (plot: PlotLibrary) => [
  plot.axisX({ ticks: 5, label: "1 \u2212 specificity", labelAnchor: "center", labelArrow: "none" }),
  plot.axisY({ ticks: 5, label: "sensitivity", labelAnchor: "center", labelArrow: "none" }),
  plot.gridX({ ticks: 5, stroke: FAINT, strokeOpacity: 0.6 }),
  plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 0.6 }),
  plot.line([[0, 0] as const, [1, 1] as const], { stroke: GREY, strokeDasharray: "2,4" }),
];

export interface ArmCurve extends Pick<RocCurve, "name" | "points" | "auc"> {
  /** Length of dashes, as SVG takes it. */
  readonly dash: string;
}

/** The curves of one network's arms over one another, in one colour and different dashes. */
export function rocArms(
  plot: PlotLibrary,
  curves: readonly ArmCurve[],
  { colour, title }: { readonly colour: string; readonly title: string },
): string {
  const top = (index: number): number => 0.08 + 0.085 * (curves.length - 1 - index);
  return svgText(
    plot,
    {
      width: 400,
      height: 400,
      margin: 12,
      marginLeft: 46,
      marginBottom: 42,
      style: { ...FONT, fontSize: "13px" },
      ...UNIT_SQUARE,
      marks: [
        ...frameOf(plot),
        ...curves.flatMap(({ name, points, auc, dash }, i) => [
          plot.line(points, { x: "falsePositiveRate", y: "sensitivity", stroke: colour, strokeWidth: 2, strokeDasharray: dash }),
          plot.line([[0.5, top(i)] as const, [0.61, top(i)] as const], { stroke: colour, strokeWidth: 2, strokeDasharray: dash }),
          plot.text([`${name}  ${digits3(auc)}`], { x: () => 0.64, y: () => top(i), textAnchor: "start", fontVariant: "tabular-nums" }),
        ]),
      ],
    },
    `ROC curves of ${title}: ${curves.map(({ name, auc }) => `${name}, AUC ${digits3(auc)}`).join("; ")}.`,
  );
}

export interface OperatingCross {
  readonly sensitivity: Interval & { readonly value: number };
  readonly specificity: Interval & { readonly value: number };
}

/** Two curves over one another, and with each its operating point with both intervals; the second is dashed. */
export function rocOverlay(plot: PlotLibrary, curves: readonly (RocCurve & { readonly cross: OperatingCross | null })[]): string {
  const dash = (index: number): string => (index === 0 ? "none" : "7,4");
  const top = (index: number): number => 0.1 + 0.09 * (curves.length - 1 - index);
  return svgText(
    plot,
    {
      width: 460,
      height: 460,
      margin: 12,
      marginLeft: 48,
      marginBottom: 44,
      style: { ...FONT, fontSize: "13px" },
      ...UNIT_SQUARE,
      marks: [
        ...frameOf(plot),
        ...curves.flatMap(({ name, colour, points, cross, auc }, i) => [
          plot.line(points, { x: "falsePositiveRate", y: "sensitivity", stroke: colour, strokeWidth: 2.5, strokeDasharray: dash(i) }),
          ...(cross
            ? [
                plot.ruleX([cross], {
                  x: () => 1 - cross.specificity.value,
                  y1: () => cross.sensitivity.low,
                  y2: () => cross.sensitivity.high,
                  stroke: colour,
                  strokeWidth: 1,
                }),
                plot.ruleY([cross], {
                  y: () => cross.sensitivity.value,
                  x1: () => 1 - cross.specificity.high,
                  x2: () => 1 - cross.specificity.low,
                  stroke: colour,
                  strokeWidth: 1,
                }),
                plot.dot([cross], {
                  x: () => 1 - cross.specificity.value,
                  y: () => cross.sensitivity.value,
                  r: 5,
                  fill: "white",
                  stroke: colour,
                  strokeWidth: 2.5,
                  symbol: i === 0 ? "circle" : "square",
                }),
              ]
            : []),
          plot.line([[0.42, top(i)] as const, [0.49, top(i)] as const], { stroke: colour, strokeWidth: 2.5, strokeDasharray: dash(i) }),
          plot.text([`${name}  AUC ${digits3(auc)}`], { x: () => 0.52, y: () => top(i), textAnchor: "start" }),
        ]),
      ],
    },
    `ROC curves over one another: ${curves.map(({ name, auc }) => `${name}, AUC ${digits3(auc)}`).join("; ")}.`,
  );
}
