// The entry striatum/synthetic: synthetic pictures with labels to train on. Loaded only where it is wanted.
export { fractals, phantoms } from "./library/synthetic.ts";
export type { FractalSampleOptions, PhantomSampleOptions, SyntheticSample, SyntheticSamples } from "./library/synthetic.ts";
