// The values that stand for a network's blocks.
import type { LayerNode } from "striatum/inspect";

/** The last value with rows and columns of each block of layers, in the order of the forward pass. */
export function blockValues(layers: readonly LayerNode[]): LayerNode[] {
  const last = new Map<string, LayerNode>();
  for (const layer of layers) {
    const [, , rows = 1, columns = 1] = layer.shape;
    if (layer.shape.length === 4 && rows * columns > 1) last.set(layer.block, layer);
  }
  return [...last.values()];
}
