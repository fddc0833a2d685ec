// The table of a sum of products, of a number forward or of a gradient.
import { largest, total, type productsOf } from "./arithmetic.ts";
import { few } from "./asked.ts";
import type { TableFound } from "./found.ts";
import { LABELS } from "./text.ts";

const LISTED = 6;

/** A table of the largest products of a sum, the others, a bias and the sum. */
export function productTable(
  found: ReturnType<typeof productsOf>["products"],
  heads: readonly string[],
  bias: number | null,
): { readonly table: TableFound; readonly sum: number } {
  const { shown, others, rest } = largest(found, LISTED);
  const sum = total(found) + (bias ?? 0);
  const rows = [
    ...shown.map(({ channel, row, column, value, weight, product }) => ({
      cells: [`${channel}, ${row}, ${column}`, few(value), few(weight), few(product)],
    })),
    ...(others > 0 ? [{ cells: [LABELS.others(others), "", "", few(rest)] }] : []),
    ...(bias === null ? [] : [{ cells: [LABELS.bias, "", "", few(bias)] }]),
    { cells: [LABELS.sum, "", "", few(sum)], isMarked: true },
  ];
  return { table: { caption: LABELS.largestProducts, head: heads, rows }, sum };
}
