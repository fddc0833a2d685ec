// How fast a device computes, measured on passes that compiled nothing: what a forecast of a larger network is made from.
import type { Classifier, PixelData } from "striatum";
import type { Microscope } from "striatum/inspect";

/** Multiplications and additions of a scoring pass. */
export const flopsOf = (scope: Microscope): number => scope.plan().launches.reduce((sum, { flops }) => sum + flops, 0);

export class Speed {
  /** Multiplications and additions per millisecond; null where nothing was measured. */
  #rate: number | null = null;

  /** Takes note of a pass that took so long. The fastest counts: others waited. */
  took(scope: Microscope, milliseconds: number): void {
    this.#rate = Math.max(this.#rate ?? 0, flopsOf(scope) / milliseconds);
  }

  /** Measures the second of two passes of a network. */
  async measure(net: Classifier, scope: Microscope, picture: PixelData): Promise<void> {
    await net.classify(picture);
    const start = performance.now();
    await net.classify(picture);
    this.took(scope, performance.now() - start);
  }

  /** Seconds that a pass of so many multiplications and additions is expected to take; null where nothing was measured. */
  secondsFor(flops: number): number | null {
    return this.#rate === null ? null : flops / this.#rate / 1000;
  }
}
