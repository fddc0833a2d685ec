// Which pixels of a layer's input outputs depend on, by the definition of its op. What a kernel reads may be more, and may be the same again.
import type { LayerNode, ParameterInfo } from "striatum/inspect";

/** Windows of a convolution or a pooling. */
export interface Windows {
  /** Layer whose output the windows lie on. */
  readonly input: string;
  /** Its rows, columns and channels. */
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** Rows and columns of a window. */
  readonly size: readonly [rows: number, columns: number];
  readonly stride: number;
  readonly pad: number;
}

/** The windows of an op of a layer; null where it has none. */
export function windowsOf(
  layers: readonly LayerNode[],
  parameters: readonly ParameterInfo[],
  { layer, op }: { readonly layer: string; readonly op: string },
): Windows | null {
  const node = layers.find((each) => each.layer === layer && each.op === op);
  const input = layers.find(({ name }) => name === node?.inputs[0]);
  if (!node || !input) return null;
  const [, channels, rows, columns] = input.shape;
  const { stride, pad, size } = node.attributes as Readonly<Record<string, number>>;
  const [, , height, width] = parameters.find(({ name }) => name === node.parameters[0])?.shape ?? [];
  if (op === "conv2d") return { input: input.name, rows, columns, channels, size: [height, width], stride, pad };
  if (op === "maxPool" || op === "averagePool") return { input: input.name, rows, columns, channels, size: [size, size], stride, pad };
  return null;
}

/** For each pixel of the input [rows, columns] the number of the outputs that depend on it; those in the padding are left out. */
export function neededBy(windows: Windows, outputs: Iterable<readonly [row: number, column: number]>): Uint32Array {
  const { rows, columns, size, stride, pad } = windows;
  const needed = new Uint32Array(rows * columns);
  for (const [row, column] of outputs)
    for (let y = Math.max(0, row * stride - pad); y < Math.min(rows, row * stride - pad + size[0]); y++)
      for (let x = Math.max(0, column * stride - pad); x < Math.min(columns, column * stride - pad + size[1]); x++)
        needed[y * columns + x]++;
  return needed;
}
