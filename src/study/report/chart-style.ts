// What the report's charts look like: ink, type, and the small square on which shares stand against shares.
import type { PlotLibrary } from "./svg-document.ts";

export const GREY = "#6b7280";
export const FAINT = "#d7dade";
/** Text over lines. */
export const HALO = { stroke: "white", strokeWidth: 3 };
const INK = "#1d2430";
export const FONT = { fontSize: "12px", fontFamily: "inherit", color: INK, overflow: "visible" };
/** Options of the small charts that stand side by side. */
export const SMALL = { width: 230, margin: 10, marginLeft: 42, marginBottom: 36, marginRight: 12, style: FONT };
/** Shares from 0 to 1 on both axes. */
export const UNIT_SQUARE = { x: { domain: [0, 1], label: null }, y: { domain: [0, 1], label: null } };
export const SMALL_SQUARE = { ...SMALL, height: 230, ...UNIT_SQUARE };

const HALVES = [0, 0.5, 1];
/** "0", "0.5", "1": short, so that an axis' name has room beside its numbers. */
export const short = (value: number): string => String(value);

/** Frame and axes of a small square. */
export function smallAxes(plot: PlotLibrary, across: string, up: string) {
  const axis = { tickFormat: short, tickSize: 4, labelAnchor: "center", labelArrow: "none" } as const;
  return [plot.axisX(HALVES, { ...axis, label: across }), plot.axisY(HALVES, { ...axis, label: up }), plot.frame({ stroke: FAINT })];
}
