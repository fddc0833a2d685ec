// The start of a training run as text.
import type { StartReport } from "../../train/lsuv.ts";
import { percent } from "../../study/numbers.ts";
import { table } from "../output.ts";

/** A row per layer, then the loss against chance. */
export function startText({ layers, loss, chance }: StartReport): string {
  const rows = layers.map(({ name, deviation, dead }) => [name, deviation.toPrecision(3), dead === null ? "" : percent(dead)]);
  return `${table(rows, ["layer", "standard deviation", "dead units"])}\nloss ${loss.toFixed(3)}, chance ${chance.toFixed(3)}`;
}
