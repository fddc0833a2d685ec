// The entry striatum/networks: the vocabulary that networks are written in.
export { network, type NetworkDefinition } from "./models/define.ts";
export type { BatchNormOptions, FurtherConvOptions, FurtherLayers, PoolOptions } from "./models/further-layers.ts";
export { gaussian, xavier, type Filler, type Head, type Network, type Outputs } from "./models/network.ts";
