// How far training may part on two adapters.

/**
 * Largest difference between two adapters after so many training steps, relative to the largest value. Each differs from float64 by at most 5e-5 of it in a
 * step (kernels-test/models/training.test.ts), and the starting weights differ by what their logarithms do, some 1e-6.
 */
export const allowedAfter = (steps: number): number => 1e-4 * steps;
