// Seeded weights of a network, by default at an eighth of its channels, as a safetensors file that records its width and size.
import { Graph } from "../../src/graph/graph.ts";
import { build, type Network } from "../../src/models/network.ts";
import { philox, unitFloat } from "../../src/tensor/philox.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { writeSafetensors } from "../../src/weights/safetensors.ts";

/** By default for 64-pixel inputs; without auxiliary heads. */
export function smallWeights(network: Network, classes: number, { width = 1 / 8, size = 64 } = {}): Uint8Array {
  const graph = new Graph();
  const x = graph.input("x", [1, size, size, 4]);
  const { parameters } = build(network, graph, x, { classes, width });
  const tensors = parameters.map(({ name, caffeShape }, stream) => {
    const values = Float32Array.from(
      { length: sizeOf(caffeShape) },
      (_, i) => 0.2 * (unitFloat(philox([stream, 1], [i, 0, 0, 0])[0]) - 0.5),
    );
    return [name, tensor(caffeShape, values)] as const;
  });
  return Buffer.concat(
    writeSafetensors(
      tensors.map(([name, value]) => [name, value]),
      { width: String(width), size: String(size), network: network.name },
    ),
  );
}
