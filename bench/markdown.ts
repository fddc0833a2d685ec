// Tables, figures and names for the page.
import { networks } from "../src/models/index.ts";

export type Cell = string | number;

/** A markdown table whose columns are aligned in the text as well; columns of numbers to the right. Empty without rows. */
export function markdownTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return "";
  const cells = [header, ...rows].map((row) => row.map((cell) => String(cell).replaceAll("|", "\\|")));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const toRight = header.map((_, column) =>
    rows.every((row) => typeof row[column] === "number" || /^[-+\d.,× ]*(ms|s|MiB|%)?$/.test(row[column])),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (toRight[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (toRight[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join("\n");
}

/** Three digits, or all before the point: "0.0123", "1.23", "12.3", "1234". */
export function figure(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}

export const percent = (share: number): string => `${figure(100 * share)} %`;
export const mebibytes = (bytes: number): string => figure(bytes / 2 ** 20);
export const seconds = (ms: number): string => figure(ms / 1000);

/** Median and quartiles: "144 (139 to 155)". */
export const spread = ({ median, p25, p75 }: { readonly median: number; readonly p25: number; readonly p75: number }): string =>
  `${figure(median)} (${figure(p25)} to ${figure(p75)})`;

/** "GoogLeNet" for googlenet. */
export const titleOf = (net: string): string => networks[net]?.title ?? net;

/** A table under a title, with text below it. Nothing without rows. */
export const section = (title: string, rows: readonly (readonly Cell[])[], header: readonly string[], ...after: string[]): string[] =>
  rows.length === 0 ? [] : [`### ${title}`, markdownTable(header, rows), ...after];
