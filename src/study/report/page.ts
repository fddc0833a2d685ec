// The common input of all parts of the report, and the statement at its top and bottom.
import type { Analysis, ModelAnalysis, ModelName, Proportion } from "../analysis/result.ts";
import { findingOf, type Finding } from "../finding.ts";
import { html, raw, type Content, type Html } from "./html.ts";
import type { ReportInput } from "./input.ts";
import { byId, colourOf, shortNameOf, titleOf } from "./model-title.ts";
import { digits2 } from "../numbers.ts";
import type { Encode } from "./picture.ts";
import type { PlotLibrary } from "./svg-document.ts";

export interface Page {
  readonly input: ReportInput;
  readonly analysis: Analysis;
  readonly plot: PlotLibrary;
  readonly encode: Encode;
  readonly models: ReadonlyMap<string, ModelName>;
  readonly finding: Finding;
}

export const openPage = (input: ReportInput, plot: PlotLibrary, encode: Encode): Page => ({
  input,
  analysis: input.analysis,
  plot,
  encode,
  models: byId(input.analysis.models),
  finding: findingOf(input.protocol),
});

/** A part of the page; its title is in the contents. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

const named = ({ models }: Page, model: string): ModelName => {
  const found = models.get(model);
  if (!found) throw new Error(`report: "${model}" is not among the models of the analysis: ${[...models.keys()].join(", ")}`);
  return found;
};

/** The mark of a model whose run of the shown seed did not learn. */
const notLearned = ({ analysis }: Page, model: string): string =>
  analysis.models.find((one) => one.model === model)?.learned === false
    ? ` (${analysis.seeds.length > 1 ? `seed ${analysis.plan.primarySeed} ` : ""}did not learn)`
    : "";

/** "G-TA" */
export const shortName = (page: Page, model: string): string => shortNameOf(named(page, model));

/** "GoogLeNet, fractal-pretrained, augmented" */
export const modelTitle = (page: Page, model: string): string => titleOf(named(page, model));

/** "G-TA: GoogLeNet, fractal-pretrained, augmented" */
export const fullName = (page: Page, model: string): string =>
  `${shortName(page, model)}: ${modelTitle(page, model)}${notLearned(page, model)}`;

/** "G-TA (GoogLeNet, fractal-pretrained, augmented)": for sentences. */
export const explained = (page: Page, model: string): string => `${shortName(page, model)} (${modelTitle(page, model)})`;

/** Sentences of the analysis name models by id; the report calls them by their short names. */
export const withNames = (page: Page, text: string): string =>
  [...page.models.keys()].reduce((told, model) => told.replaceAll(model, shortName(page, model)), text);

/** The model's mark in front of its short name: blue or vermilion, filled where pretrained, square where augmented. */
export const modelCell = (page: Page, model: string): Html => html`${armCell(page, model)}${notLearned(page, model)}`;

/** The same for all seeds together. */
export const armCell = (page: Page, model: string): Html =>
  html`${swatch(page, model)}<abbr title="${modelTitle(page, model)}">${shortName(page, model)}</abbr>`;

/** "G-TA − G-T", on one line. */
export const pairCell = (page: Page, first: string, second: string): Html =>
  html`<span class="pair">${shortName(page, first)} − ${shortName(page, second)}</span>`;

/** The mark, the short name and the title. */
export const fullCell = (page: Page, model: string): Html => html`${swatch(page, model)}${fullName(page, model)}`;

function swatch(page: Page, model: string): Html {
  const { pretrained, augmented } = named(page, model);
  const shape = `${pretrained ? " filled" : ""}${augmented ? " square" : ""}`;
  return html`<span class="swatch${raw(shape)}" style="--of:${colourOf(named(page, model))}" aria-hidden="true"></span>`;
}

/** The models that learned; all of them where none did. */
export function learnedModels({ models }: Analysis): readonly ModelAnalysis[] {
  const learned = models.filter((model) => model.learned);
  return learned.length > 0 ? learned : models;
}

/** Of those that learned, the model with the highest test area; ties go to the lower validation loss. For reporting only, never for model selection. */
export const highest = (analysis: Analysis): ModelAnalysis =>
  [...learnedModels(analysis)].sort((a, b) => b.auc.value - a.auc.value || a.validationLoss - b.validationLoss)[0];

export const isPositive = (label: string): boolean => label !== "none";

export const SYNTHETIC_STATEMENT =
  "Results on procedurally generated CT; they show that the software works, not that the model would work on patients.";

export function statement({ cases }: ReportInput): Html {
  return html`<div class="statement" role="note">
    <p><strong>For research and teaching only. Not a medical device. Never for diagnosis or for any decision about a patient.</strong></p>
    ${cases.synthetic ? html`<p>${SYNTHETIC_STATEMENT}</p>` : null}
    <p>The numbers are this study’s own. None of them is a result of the paper (arXiv 1710.03823) whose design it follows.</p>
  </div> `;
}

/** Paragraphs of plain sentences. */
export const paragraphs = (texts: readonly Content[]): Html => html`${texts.map((text) => html`<p>${text}</p> `)}`;

/** A value over its interval, in one cell. */
export const stacked = (value: string, below: string): Html => html`${value}<br /><span class="muted">${below}</span>`;

/** Why there is no number. */
export const reason = (text: string): Html => html`<span class="reason">not estimable: ${text}</span>`;

/** A share over its 95 % interval; null where there is no such case or no threshold. */
export function shareCell(given: Proportion | null): Content {
  if (given === null) return html`<span class="muted">none</span>`;
  if (given.value === null) return html`<span class="muted">not estimable</span>`;
  return stacked(digits2(given.value), `${digits2(given.low)} to ${digits2(given.high)}`);
}
