// Where the weights lie that ship with the package: both small networks, pretrained on fractal images (data/README.md says how).
import { fileURLToPath } from "node:url";
import type { NetworkName } from "../study/protocol.ts";

/** The file of a network. Sources and bundles lie equally deep below the package's root. */
export const shippedWeights = (network: NetworkName): string =>
  fileURLToPath(new URL(`../../data/weights/${network}-quarter-fractals.safetensors`, import.meta.url));
