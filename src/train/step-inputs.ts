// Numbers of a step as the inputs of training graphs take them.

/** The learning rate as the input of a training graph: itself, and the scale of a loss that is not scaled. */
export const rateFloats = (rate: number): Float32Array => Float32Array.of(rate, 1);

/** Seed and step as the random input of a graph. */
export const randomWords = (seed: number, step: number): Uint32Array => Uint32Array.of(seed % 2 ** 32, Math.floor(seed / 2 ** 32), step, 0);
