// The results: the table of models and their ROC curves.
import { networkNamed } from "../../models/index.ts";
import type { Interval } from "../../statistics/interval.ts";
import type { ModelAnalysis } from "../analysis/result.ts";
import { forestChart, type ForestRow } from "./charts.ts";
import { figure, html, raw, table, type Content, type Html } from "./html.ts";
import { colourOf } from "./model-title.ts";
import { counted, difference, digits2, digits3, estimate, freedom, interval, pSentence } from "../numbers.ts";
import { rocBand } from "./roc-band.ts";
import { rocArms, rocChart, rocOverlay, type RocCurve } from "./roc-charts.ts";
import { armCell, explained, fullCell, modelCell, reason, shareCell, shortName, stacked, type Page, type Section } from "./page.ts";

export function models(page: Page): Section {
  const { analysis, input, finding } = page;
  const perfect = analysis.models.filter(({ auc }) => auc.perfect !== null);
  const [first] = analysis.models;
  return {
    id: "models",
    title: analysis.models.length === 8 ? "The eight models" : "The models",
    body: html`<p>
        Areas under the ROC curve on ${counted(first.positives, "case")} with ${finding.short} and ${first.negatives} without. ${NAMES}
      </p>
      ${areas(page)}
      ${table({
        caption: html`<b>Table.</b> The models of seed ${first.seed} on the held-out cases. Below each value is its 95 % interval: DeLong’s
          for the AUC, Wilson’s for shares. Sensitivity, specificity and accuracy are those at each model’s threshold, which was chosen on
          ${analysis.power.validationPositives} and ${analysis.power.validationNegatives} validation cases.`,
        columns: [
          { title: "model" },
          { title: "AUC", numeric: true },
          { title: "sensitivity", numeric: true },
          { title: "specificity", numeric: true },
          { title: "accuracy", numeric: true },
        ],
        rows: analysis.models.map((model) => [
          fullCell(page, model.model),
          stacked(digits3(model.auc.value), interval(model.auc.delong)),
          ...(["sensitivity", "specificity", "accuracy"] as const).map((rate) => shareCell(model.operating?.[rate] ?? null)),
        ]),
        ...(perfect.length > 0 && { notes: "Where the AUC is 1, DeLong’s interval is degenerate: see the table of lower bounds." }),
      })}
      ${armTable(page)} ${perfectTable(page, perfect)}
      ${table({
        className: "more",
        caption: html`<b>Table.</b> The same areas with other intervals, and the results on validation.`,
        columns: [
          { title: "model" },
          { title: "logit interval", numeric: true },
          { title: "bootstrap interval", numeric: true },
          { title: "standard error", numeric: true },
          { title: "AUC on validation", numeric: true },
          { title: "loss on validation", numeric: true },
          { title: "weights of epoch", numeric: true },
          { title: "sensitivity at 95\u00a0% specificity", numeric: true },
          { title: "partial AUC", numeric: true },
        ],
        rows: analysis.models.map((judged) => [
          modelCell(page, judged.model),
          ...otherNumbers(judged),
          keptEpoch(page, judged),
          ...atHighSpecificity(judged),
        ]),
        notes: `Sensitivity at 95 % specificity is read off the held-out curve itself, with a bootstrap interval; ${input.protocol.endpoints.threshold} sets the thresholds of the table above. Partial AUC: of the part with a specificity of at least ${digits2(first.partialAuc.from)}, scaled so that 0.5 is chance and 1 is perfect, with a bootstrap interval.`,
      })}`,
  };
}

/** With one seed it would repeat the table above. */
function armTable(page: Page): Html | null {
  const { arms, seeds } = page.analysis;
  if (seeds.length === 1) return null;
  return table({
    caption: html`<b>Table.</b> Means over the seeds whose runs learned, with 95 % intervals for other seeds and other cases.`,
    columns: [
      { title: "model" },
      { title: "seeds", numeric: true },
      { title: "mean AUC", numeric: true },
      { title: "SD between seeds", numeric: true },
      { title: "degrees of freedom", numeric: true },
      { title: "agreement (ICC)", numeric: true },
    ],
    rows: arms.map(({ model, seeds, leftOut, auc, sd, degreesOfFreedom, interval: bounds, agreement }) => [
      armCell(page, model),
      `${seeds.join(", ")}${leftOut.length > 0 ? `; did not learn: ${leftOut.join(", ")}` : ""}`,
      auc.value === null ? reason(auc.reason) : stacked(digits3(auc.value), bounds.low === null ? bounds.reason : interval(bounds)),
      estimate(sd),
      degreesOfFreedom.value === null ? degreesOfFreedom.reason : freedom(degreesOfFreedom.value),
      estimate(agreement, digits2),
    ]),
    notes: `Seeds are taken as readers, nested in models (Obuchowski and Rockette; degrees of freedom after Hillis). Agreement: intraclass correlation of P(${page.finding.short}) between seeds, 1 where all say the same of each case.`,
  });
}

const otherNumbers = ({ auc, validationAuc, validationLoss }: ModelAnalysis): Content[] => [
  auc.logit.low === null ? reason(auc.logit.reason) : range(auc.logit),
  range(auc.bootstrap),
  digits3(auc.standardError),
  estimate(validationAuc),
  digits3(validationLoss),
];

const atHighSpecificity = ({ sensitivityAt95, partialAuc }: ModelAnalysis): Content[] => [
  stacked(digits2(sensitivityAt95.value), `${digits2(sensitivityAt95.low)} to ${digits2(sensitivityAt95.high)}`),
  stacked(digits3(partialAuc.value), interval(partialAuc)),
];

/** An interval on two lines, where columns are many. */
const range = ({ low, high }: Interval): Html => html`${digits3(low)} to<br />${digits3(high)}`;

function keptEpoch({ input }: Page, { model, seed }: ModelAnalysis): Content {
  return input.runs.find((run) => run.model === model && run.seed === seed)?.bestEpoch ?? "not recorded";
}

/** What the short names stand for. */
export const NAMES =
  "Models have short names: A is AlexNet, G is GoogLeNet; U is untrained, T is trained further from pretrained weights; a last A is with forty-eight-fold augmentation.";

/** Means over seeds with their intervals and each seed's area; of a single seed its areas with DeLong's. */
function areas(page: Page): Html {
  const { analysis, plot } = page;
  const several = analysis.seeds.length > 1;
  const rows = analysis.models.flatMap((model): ForestRow[] => {
    const look = { label: shortName(page, model.model), colour: colourOf(model), filled: model.pretrained };
    if (!several)
      return [{ ...look, value: model.auc.value, interval: model.auc.delong, told: told(model.auc.value, model.auc.delong), others: [] }];
    const arm = analysis.arms.find((one) => one.model === model.model);
    if (!arm || arm.auc.value === null || arm.interval.low === null) return [];
    const areas = model.spread.seeds.filter(({ seed }) => arm.seeds.includes(seed)).map(({ auc }) => auc);
    return [{ ...look, value: arm.auc.value, interval: arm.interval, told: told(arm.auc.value, arm.interval), others: areas }];
  });
  if (rows.length === 0) return html`<p>No model has two runs that learned, so no mean has an interval.</p>`;
  const least = Math.min(...rows.flatMap(({ interval, others }) => [interval.low, ...others]));
  const domain = [Math.max(0, Math.floor(least * 20) / 20), 1] as const;
  const missing = analysis.models.length - rows.length;
  return figure(
    html`<div class="wide">
      ${raw(
        forestChart(plot, rows, {
          domain,
          nothing: 0.5,
          axis: several ? "mean area under the ROC curve" : "area under the ROC curve",
          width: 520,
          labelWidth: 56,
          toldWidth: 170,
          label: `Areas under the ROC curve: ${rows.map(({ label, told }) => `${label}: ${told}`).join("; ")}.`,
        }),
      )}
    </div>`,
    html`<b>Figure.</b> ${
        several
          ? html`Mean AUC over ${counted(analysis.seeds.length, "seed")} with its 95 % interval, for other seeds and other cases. Small
            rings: single seeds.`
          : html`AUC with DeLong’s 95 % interval, for other cases. One seed was run: how much another training would change is not known.`
      }
      Filled:
      pretrained.${domain[0] <= 0.5 ? " Dashed: 0.5, chance." : ""}${missing > 0 ? ` ${counted(missing, "model")} without two runs that learned: not drawn.` : ""}`,
  );
}

const told = (value: number, bounds: Interval): string => `${digits3(value)}  (${interval(bounds)})`;

function perfectTable(page: Page, perfect: readonly ModelAnalysis[]): Html | null {
  if (perfect.length === 0) return null;
  return table({
    caption: html`<b>Table.</b> Lower bounds for an AUC of 1.00 (perfect separation; DeLong’s interval is degenerate).`,
    columns: [
      { title: "model" },
      { title: "sensitivity, exact 97.5 %", numeric: true },
      { title: "specificity, exact 97.5 %", numeric: true },
      { title: "AUC, binormal 97.5 %", numeric: true },
      { title: "gap in log-odds", numeric: true },
    ],
    rows: perfect.map(({ model, auc, positives, negatives }) => [
      modelCell(page, model),
      ...(auc.perfect
        ? [
            `${digits3(auc.perfect.sensitivityLow)} (${positives} of ${positives})`,
            `${digits3(auc.perfect.specificityLow)} (${negatives} of ${negatives})`,
            digits3(auc.perfect.binormalLow),
            digits2(auc.perfect.gap),
          ]
        : []),
    ]),
    notes:
      "The exact bounds are Clopper and Pearson’s. The bound of the AUC rests on normal scores of equal variance and is to be read beside them.",
  });
}

const curveOf = (page: Page, { model, network, seed, roc, auc, operating }: ModelAnalysis): RocCurve => ({
  name: shortName(page, model),
  colour: colourOf({ network }),
  points: roc,
  auc: auc.value,
  interval: auc.delong,
  operating: operating && { sensitivity: operating.sensitivity.value, specificity: operating.specificity.value },
  band: rocBand(
    page.input.scores.find((one) => one.model === model && one.seed === seed && one.split === "test")?.cases ?? [],
    page.analysis.plan,
  ),
});

/** One dash for each arm, the best-trained one without. */
const dashOf = ({ pretrained, augmented }: ModelAnalysis): string =>
  pretrained ? (augmented ? "none" : "12,4") : augmented ? "6,4" : "2,3";

export function roc(page: Page): Section {
  const { analysis, plot } = page;
  const networks = [...new Set(analysis.models.map(({ network }) => network))];
  const families = networks.map((network) => analysis.models.filter((model) => model.network === network));
  const charts = analysis.models.map(
    (model) =>
      html`<div>
        <h3>${modelCell(page, model.model)}</h3>
        ${raw(rocChart(plot, curveOf(page, model)))}
      </div> `,
  );
  const best = analysis.contrasts.find(({ kind }) => kind === "network")?.test;
  const pair = best ? [best.first, best.second].map((id) => analysis.models.find(({ model }) => model === id) as ModelAnalysis) : [];
  return {
    id: "roc",
    title: "ROC curves",
    body: html`${figure(
      html`<div class="halves">
        ${families.map((own) =>
          raw(
            rocArms(
              plot,
              own.map((model) => ({ ...curveOf(page, model), dash: dashOf(model) })),
              { colour: colourOf(own[0]), title: networkNamed(own[0].network).title },
            ),
          ),
        )}
      </div>`,
      html`<b>Figure.</b> The models of each network over one another, seed ${analysis.plan.primarySeed}, with their AUC.`,
    )}
    ${figure(
      html`<div class="multiples">${charts}</div>`,
      html`<b>Figure.</b> ROC curve of each model on the held-out cases, with its AUC and DeLong’s 95 % interval. Band: the middle 95 % of
        the curve’s height in bootstrap resamples of patients, point by point. Ring: the threshold chosen on validation.`,
      "long",
    )}
    ${
      best
        ? figure(
            raw(
              rocOverlay(
                plot,
                pair.map((model) => ({ ...curveOf(page, model), cross: model.operating })),
              ),
            ),
            html`<b>Figure.</b> The best of each network, chosen on validation: ${explained(page, best.first)} and
              ${explained(page, best.second)}. Difference ${difference(best.difference)} (95 % interval ${interval(best)}), DeLong’s test
              ${pSentence(best.p)}, adjusted ${pSentence(best.holm)}. Crosses: thresholds chosen on validation, with Wilson’s 95 %
              intervals.`,
            "overlay",
          )
        : null
    }`,
  };
}
