// The entry striatum/networks: networks of a program's own. Loaded only where it is wanted.
export { network, type NetworkDefinition } from "./library/networks.ts";
export { gaussian, xavier, type Filler, type Outputs } from "./models/network.ts";
export type {
  ActivationName,
  BatchNormOptions,
  ConvolutionOptions,
  Edges,
  NetworkHead,
  NetworkLayers,
  NetworkValue,
  Pair,
  PoolOptions,
} from "./models/vocabulary.ts";
