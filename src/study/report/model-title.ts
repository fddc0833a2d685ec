// What a model is called and how it is drawn: one number, one name, one colour, in every table and figure.
import { networkNamed } from "../../models/index.ts";
import type { ModelName } from "../analysis/result.ts";

/** Okabe and Ito's vermilion and blue: distinguishable with all common kinds of colour vision, and in grey by their lightness. */
const COLOURS: Readonly<Record<string, string>> = { alexnet: "#c8500a", googlenet: "#0b63a5" };
const OTHER_COLOUR = "#444444";

export const colourOf = ({ network }: Pick<ModelName, "network">): string => COLOURS[network] ?? OTHER_COLOUR;

/** "GoogLeNet, fractal-pretrained, augmented". */
export const titleOf = ({ network, initialWeights, augmented }: ModelName): string =>
  `${networkNamed(network).title}, ${initialWeights}, ${augmented ? "augmented" : "not augmented"}`;

/** Models by id with their numbers, from 1 in the order of the analysis. */
export interface Named extends ModelName {
  readonly number: number;
}

export const numbered = (models: readonly ModelName[]): ReadonlyMap<string, Named> =>
  new Map(models.map((model, i) => [model.model, { ...model, number: i + 1 }]));
