// The worker part of Start: the likeliest classes of a picture, and the strongest map of each block of layers.
import type { GpuTensor } from "striatum";
import type { Choice, Lab } from "../../worker/lab.ts";
import type { Rectangle } from "../../worker/painter.ts";

/** A class and its probability. */
export interface Likely {
  readonly label: string;
  readonly probability: number;
}

/** A block's last value that has rows and columns. */
export interface BlockMaps {
  readonly name: string;
  readonly block: string;
}

/** The five likeliest classes, best first, and milliseconds from the call to the answer. */
export async function likeliest(
  lab: Lab,
  choice: Choice,
  picture: string,
): Promise<{ readonly classes: Likely[]; readonly milliseconds: number }> {
  const { net } = await lab.network(choice);
  const start = performance.now();
  const { probabilities } = await lab.look(choice, picture);
  const classes = [...probabilities]
    .map((probability, i) => ({ label: net.labels[i], probability }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, 5);
  return { classes, milliseconds: performance.now() - start };
}

/** Milliseconds between two drawings of a look that is being computed. */
const EVERY = 100;

/**
 * Draws the strongest map of each of the values, each in its cell; where a cell lies depends on the panel's size. In a look that compiles, cells fill in as their
 * values are computed.
 */
export async function strip(
  lab: Lab,
  choice: Choice,
  picture: string,
  options: { readonly panel: number; readonly names: readonly string[]; readonly columns: number; readonly gap: number },
): Promise<void> {
  const { names, columns, gap } = options;
  const show = (tensors: readonly (GpuTensor | null)[]): void =>
    lab.panels.show(options.panel, ({ width, height }) => {
      const cell = { width: width / columns, height: height / Math.ceil(names.length / columns) };
      const at = (i: number): Rectangle => ({
        x: (i % columns) * cell.width,
        y: Math.floor(i / columns) * cell.height,
        width: cell.width - gap,
        height: cell.height - gap,
      });
      return tensors.flatMap((tensor, i) =>
        tensor ? [{ tensor, at: at(i), palette: "unsigned", scale: "map", channel: "strongest" }] : [],
      );
    });
  let drawn = 0;
  const look = await lab.look(choice, picture, {}, (progress) => {
    if (performance.now() - drawn < EVERY) return;
    drawn = performance.now();
    show(names.map((name) => progress.view(`activation:${name}`)));
  });
  show(names.map((name) => look.view(`activation:${name}`)));
}
