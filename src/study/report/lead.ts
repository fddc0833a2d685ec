// What the study has shown, before anything else: whether the models learned, how well they do, what may be said of augmentation, pretraining and the
// networks, what they miss, and whether their scores rest on the blood. One sentence or two each; the numbers are in the sections below.
import { share } from "../analysis/estimates.ts";
import type { Analysis, ArmContrast, ContrastKind, ModelAnalysis } from "../analysis/result.ts";
import { verdictBadge } from "./discussion.ts";
import { externalSentence } from "./external.ts";
import { html, type Content, type Html } from "./html.ts";
import { counted, difference, digits2, digits3, interval, percent, pSentence } from "../numbers.ts";
import { explained, highest, learnedModels, shortName, withNames, type Page } from "./page.ts";
import { warning } from "./shortcuts.ts";
import { bleedsOf, EDGES } from "./volume.ts";

/** A model and its area: the mean over seeds where there are several. */
export interface Leader {
  readonly model: ModelAnalysis;
  readonly area: number;
  readonly interval: string | null;
}

/** Models that learned, the largest area first. For reporting only, never for selection. */
export function ranked(analysis: Analysis): Leader[] {
  const several = analysis.seeds.length > 1;
  const single = learnedModels(analysis).map((model): Leader => ({ model, area: model.auc.value, interval: interval(model.auc.delong) }));
  const means = analysis.models.flatMap((model): Leader[] => {
    const arm = analysis.arms.find((one) => one.model === model.model);
    if (!arm || arm.auc.value === null) return [];
    return [{ model, area: arm.auc.value, interval: arm.interval.low === null ? null : interval(arm.interval) }];
  });
  return (several && means.length > 0 ? means : single).sort((a, b) => b.area - a.area || a.model.validationLoss - b.model.validationLoss);
}

export function lead(page: Page): Html {
  const items = [
    runsSentence(page),
    areasSentence(page),
    externalSentence(page),
    page.input.shortcuts && warning(page, page.input.shortcuts),
    ...(page.analysis.seeds.length > 1
      ? (["augmentation", "pretraining", "network"] as const).map((kind) => contrastSentence(page, kind))
      : [oneSeedSentence(page)]),
    smallSentence(page),
    pointingSentence(page),
  ];
  return html`<section class="lead" aria-labelledby="learned">
    <h2 id="learned">What this study shows</h2>
    <ul>
      ${items.map((item) => (item === null ? null : html`<li>${item}</li> `))}
    </ul>
  </section>`;
}

function runsSentence(page: Page): Content {
  const { runs } = page.analysis;
  const failed = runs.filter(({ faults }) => faults.length > 0);
  if (failed.length === 0) return `${runs.length === 1 ? "The training run" : `All ${counted(runs.length, "training run")}`} learned.`;
  const named = failed.map(({ model, seed, faults }) => `${model}, seed ${seed} (${faults.join("; ")})`).join("; ");
  return html`<b>Runs that did not learn.</b> ${withNames(
      page,
      `${failed.length} of ${counted(runs.length, "run")}: ${named}. They are no models: no mean and no claim below rests on them.`,
    )}`;
}

/** Areas above this leave no room for a difference. */
const CEILING = 0.98;

function areasSentence(page: Page): Content {
  const { analysis, input } = page;
  const order = ranked(analysis);
  const [best, worst] = [order[0], order[order.length - 1]];
  const test = analysis.cohort.splits.find(({ split }) => split === "test");
  const area = analysis.seeds.length > 1 ? "mean area under the ROC curve (AUC)" : "area under the ROC curve (AUC)";
  const cases = `${test?.cases ?? 0} held-out ${input.cases.synthetic ? "synthetic " : ""}cases`;
  const range =
    order.length === 1
      ? ""
      : ` The smallest of ${counted(order.length, "model")} is ${digits3(worst.area)} (${shortName(page, worst.model.model)}).`;
  const high = order.filter((one) => one.area >= CEILING).length;
  return `The largest ${area} on ${cases} is ${digits3(best.area)}${best.interval === null ? "" : ` (95 % interval ${best.interval})`}: ${explained(page, best.model.model)}.${range}${
    high > 1 && 2 * high >= order.length
      ? ` ${high} of ${order.length} areas are at least ${digits2(CEILING)}: on cases as easy as these little room is left for a difference.`
      : ""
  }`;
}

function oneSeedSentence({ analysis }: Page): Content {
  const found = analysis.armContrasts.flatMap(({ difference: of }) => of.value ?? []);
  if (found.length === 0) return "One seed was run, and this study holds no two models that the paper compares.";
  const [least, most] = [Math.min(...found), Math.max(...found)];
  return html`<b>One seed was run, so this study does not say whether augmentation, pretraining or GoogLeNet helps:</b> another training
    could reverse the differences seen here (${difference(least)} to ${difference(most)}). Three seeds or more give verdicts.`;
}

const ABOUT: Readonly<Record<ContrastKind, string>> = {
  augmentation: "Augmentation",
  pretraining: "Pretraining",
  network: "Best GoogLeNet against best AlexNet",
};

/** "Augmentation: +0.05 to +0.08 in mean AUC; 3 of 4 hold, ..." */
function contrastSentence(page: Page, kind: ContrastKind): Content | null {
  const contrasts = page.analysis.armContrasts.filter((one) => one.kind === kind && one.verdict !== "not tested");
  const found = contrasts.flatMap(({ difference: of }) => of.value ?? []);
  if (found.length === 0) return null;
  if (contrasts.length === 1) {
    const [{ first, second, test, verdict }] = contrasts;
    const names = first && second ? ` (${shortName(page, first)} − ${shortName(page, second)})` : "";
    return html`<b>${ABOUT[kind]}</b>${names}: ${difference(found[0])} in mean
      AUC${test ? html` (95 % interval ${interval(test)}, ${pSentence(test.holm)})` : null} ${verdictBadge({ verdict })}`;
  }
  const raised = found.filter((value) => value > 0).length;
  const [least, most] = [Math.min(...found), Math.max(...found)];
  return html`<b>${ABOUT[kind]}</b> raised the mean AUC in ${raised} of ${contrasts.length} pairs (${difference(least)} to
    ${difference(most)}): ${tally(contrasts)}.`;
}

/** "3 significant, 1 not decided" */
function tally(contrasts: readonly ArmContrast[]): string {
  const count = (verdict: ArmContrast["verdict"]): number => contrasts.filter((one) => one.verdict === verdict).length;
  return [
    [count("holds"), "better with p < 0.05 after adjustment"],
    [count("does not hold"), "worse with p < 0.05 after adjustment"],
    [count("not decided"), "not decided"],
    [count("not judged"), "not judged"],
  ]
    .filter(([cases]) => cases !== 0)
    .map(([cases, what]) => `${cases} ${what}`)
    .join(", ");
}

function smallSentence(page: Page): Content | null {
  const { model } = ranked(page.analysis)[0];
  const bleeds = bleedsOf(page, model);
  if (bleeds.length === 0 || !model.operating) return null;
  const small = smallBleeds(bleeds);
  const { sensitivity, specificity } = model.operating;
  return `At its threshold ${shortName(page, model.model)}${page.analysis.seeds.length > 1 ? ` (seed ${model.seed})` : ""} finds ${sensitivity.count} of ${sensitivity.of} ${page.finding.plural} and calls ${specificity.count} of ${specificity.of} other cases negative.${small}`;
}

/** The narrowest band from 0 mL that holds a few; one case says nothing. */
function smallBleeds(bleeds: ReturnType<typeof bleedsOf>): string {
  const below = EDGES.find((edge) => bleeds.filter(({ volumeMl }) => volumeMl < edge).length >= FEW);
  if (below === undefined) return "";
  const small = bleeds.filter(({ volumeMl }) => volumeMl < below);
  return ` Of the hemorrhages below ${below} mL it finds ${small.filter(({ found }) => found).length} of ${small.length}.`;
}

const FEW = 5;

function pointingSentence(page: Page): Content | null {
  const { model } = highest(page.analysis);
  const pointing = page.input.galleries.find((gallery) => gallery.model === model)?.pointing;
  if (!pointing || pointing.cases.length === 0) return null;
  const { cases } = pointing;
  const { count, of, low, high } = share(cases.filter(({ occlusion }) => occlusion).length, cases.length);
  const chance = cases.reduce((sum, one) => sum + one.chance, 0) / cases.length;
  return `In ${count} of the ${of} hemorrhages that ${shortName(page, model)} finds its score rests most on the clot itself (${percent(count / of)}, 95 % interval ${percent(low)} to ${percent(high)}; by chance ${percent(chance)}), as covering parts of the picture shows.`;
}
