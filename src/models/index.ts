// The networks of the project, by name.
import { alexnet } from "./alexnet.ts";
import { googlenet } from "./googlenet.ts";
import type { Network } from "./network.ts";

export const networks: Readonly<Record<string, Network>> = { alexnet, googlenet };

/** The network of that name; throws with the names there are. */
export function networkNamed(name: string): Network {
  const network = networks[name];
  if (!network) throw new Error(`there is no network "${name}": choose ${Object.keys(networks).join(" or ")}`);
  return network;
}
