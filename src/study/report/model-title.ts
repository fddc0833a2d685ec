// What a model is called and how it is drawn: one short name, one title, one colour, in every table and figure.
import { networkNamed } from "../../models/index.ts";
import type { ModelName } from "../analysis/result.ts";

/** Okabe and Ito's vermilion and blue: distinguishable with all common kinds of colour vision, and in grey by their lightness. */
const COLOURS: Readonly<Record<string, string>> = { alexnet: "#c8500a", googlenet: "#0b63a5" };
const OTHER_COLOUR = "#444444";

export const colourOf = ({ network }: Pick<ModelName, "network">): string => COLOURS[network] ?? OTHER_COLOUR;

/** "GoogLeNet, fractal-pretrained, augmented". */
export const titleOf = ({ network, initialWeights, augmented }: ModelName): string =>
  `${networkNamed(network).title}, ${initialWeights}, ${augmented ? "augmented" : "not augmented"}`;

/**
 * "G-TA": the network's letter; U for untrained, T for trained further from pretrained weights; A for augmented. After the names in the paper's
 * sister papers (AlexNet-T, GoogLeNet-TA).
 */
export const shortNameOf = ({ network, pretrained, augmented }: ModelName): string =>
  `${networkNamed(network).title[0]}-${pretrained ? "T" : "U"}${augmented ? "A" : ""}`;

/** Models by id, in the order of the analysis. */
export const byId = (models: readonly ModelName[]): ReadonlyMap<string, ModelName> => new Map(models.map((model) => [model.model, model]));
