// The results: the table of models and their ROC curves.
import type { ModelAnalysis } from "../analysis/result.ts";
import { forestChart, type ForestRow } from "./charts.ts";
import { figure, html, raw, table, type Content, type Html } from "./html.ts";
import { colourOf } from "./model-title.ts";
import { counted, difference, digits2, digits3, estimate, interval, pSentence } from "../numbers.ts";
import { rocChart, rocOverlay, type RocCurve } from "./roc-charts.ts";
import { modelCell, modelTitle, numberedTitle, reason, shareCell, stacked, type Page, type Section } from "./page.ts";

export function models(page: Page): Section {
  const { analysis, plot, input } = page;
  const perfect = analysis.models.filter(({ auc }) => auc.perfect !== null);
  const least = Math.min(...analysis.models.flatMap(({ auc, spread }) => [auc.delong.low, spread.min]));
  const domain = [Math.max(0, Math.floor(least * 20) / 20), 1] as const;
  const rows = analysis.models.map((model): ForestRow => ({
    label: numberedTitle(page, model.model),
    colour: colourOf(model),
    value: model.auc.value,
    interval: model.auc.delong,
    filled: model.pretrained,
    told: `${digits3(model.auc.value)}  (${interval(model.auc.delong)})`,
    others: model.spread.seeds.filter(({ seed }) => seed !== model.seed).map(({ auc }) => auc),
  }));
  const [first] = analysis.models;
  return {
    id: "models",
    title: analysis.models.length === 8 ? "The eight models" : "The models",
    body: html`<p>
        Areas under the ROC curve on ${counted(first.positives, "case")} with hemorrhage and ${first.negatives} without. Sensitivity,
        specificity and accuracy are those at each model’s threshold, which was chosen on only ${analysis.power.validationPositives} and
        ${analysis.power.validationNegatives} validation cases.
      </p>
      ${figure(
        html`<div class="wide">
          ${raw(
            forestChart(plot, rows, {
              domain,
              nothing: 0.5,
              axis: "area under the ROC curve",
              labelWidth: 340,
              toldWidth: 190,
              label: `Areas under the ROC curve: ${rows.map(({ label, told }) => `${label}: ${told}`).join("; ")}.`,
            }),
          )}
        </div>`,
        html`<b>Figure.</b> AUC with DeLong’s 95 % interval, seed
          ${first.seed}.${seedsNote(page)}${domain[0] <= 0.5 ? " Dashed: 0.5, chance." : ""}`,
      )}
      ${table({
        caption: html`<b>Table.</b> The models on the held-out cases. Below each value its 95 % interval: DeLong’s for the AUC, Wilson’s for
          shares.`,
        columns: [
          { title: "model" },
          { title: "AUC", numeric: true },
          { title: "sensitivity", numeric: true },
          { title: "specificity", numeric: true },
          { title: "accuracy", numeric: true },
          { title: "best epoch", numeric: true },
          { title: "AUC over seeds", numeric: true },
        ],
        rows: analysis.models.map((model) => [
          modelCell(page, model.model),
          stacked(digits3(model.auc.value), interval(model.auc.delong)),
          ...(["sensitivity", "specificity", "accuracy"] as const).map((rate) => shareCell(model.operating?.[rate] ?? null)),
          bestEpoch(page, model),
          spreadCell(model),
        ]),
        notes: html`“AUC over seeds”: mean, and lowest to highest, of ${seedList(page)}.
        ${
          perfect.length === 0
            ? "No model separates the classes perfectly."
            : "Where the AUC is 1, DeLong’s interval is degenerate: see the table below."
        }
        Best epoch: of the training run, by the lowest loss on validation.`,
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
          { title: "sensitivity at 95\u00a0% specificity", numeric: true },
          { title: "partial AUC", numeric: true },
        ],
        rows: analysis.models.map(({ model, auc, validationAuc, validationLoss, sensitivityAt95, partialAuc }) => [
          modelCell(page, model),
          auc.logit.low === null ? reason(auc.logit.reason) : interval(auc.logit),
          interval(auc.bootstrap),
          digits3(auc.standardError),
          estimate(validationAuc),
          digits3(validationLoss),
          stacked(digits2(sensitivityAt95.value), `${digits2(sensitivityAt95.low)} to ${digits2(sensitivityAt95.high)}`),
          stacked(digits3(partialAuc.value), interval(partialAuc)),
        ]),
        notes: `Sensitivity at 95 % specificity is read off the held-out curve itself, with a bootstrap interval; ${input.protocol.endpoints.threshold} sets the thresholds of the table above. Partial AUC: of the part with a specificity of at least ${digits2(first.partialAuc.from)}, scaled so that 0.5 is chance and 1 is perfect, with a bootstrap interval.`,
      })}`,
  };
}

function armTable(page: Page): Html {
  const { arms } = page.analysis;
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
      modelCell(page, model),
      `${seeds.join(", ")}${leftOut.length > 0 ? `; did not learn: ${leftOut.join(", ")}` : ""}`,
      auc.value === null ? reason(auc.reason) : stacked(digits3(auc.value), bounds.low === null ? bounds.reason : interval(bounds)),
      estimate(sd),
      degreesOfFreedom.value === null ? degreesOfFreedom.reason : degreesOfFreedom.value.toFixed(1),
      estimate(agreement, digits2),
    ]),
    notes:
      "Seeds are taken as readers, nested in models (Obuchowski and Rockette; degrees of freedom after Hillis). Agreement: intraclass correlation of P(hemorrhage) between seeds, 1 where all say the same of each case.",
  });
}

const seedsNote = ({ analysis }: Page): string =>
  analysis.seeds.length > 1 ? " Ticks: the other seeds’ areas." : " One seed was run; the spread between training runs is not known.";

const seedList = ({ analysis }: Page): string =>
  analysis.seeds.length === 1
    ? `seed ${analysis.seeds[0].seed} alone`
    : `${counted(analysis.seeds.length, "seed")} (${analysis.seeds.map(({ seed }) => seed).join(", ")})`;

const spreadCell = ({ spread }: ModelAnalysis): Content =>
  spread.seeds.length === 1
    ? html`<span class="muted">one seed</span>`
    : stacked(digits3(spread.mean), `${digits3(spread.min)} to ${digits3(spread.max)}`);

function bestEpoch({ input }: Page, { model, seed }: ModelAnalysis): Content {
  return input.runs.find((run) => run.model === model && run.seed === seed)?.bestEpoch ?? "not recorded";
}

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

const curveOf = (page: Page, { model, network, roc, auc, operating }: ModelAnalysis): RocCurve => ({
  name: modelTitle(page, model),
  colour: colourOf({ network }),
  points: roc,
  auc: auc.value,
  interval: auc.delong,
  operating: operating && { sensitivity: operating.sensitivity.value, specificity: operating.specificity.value },
});

export function roc(page: Page): Section {
  const { analysis, plot } = page;
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
      html`<div class="multiples">${charts}</div>`,
      html`<b>Figure.</b> ROC curve of each model on the held-out cases, with its AUC and DeLong’s 95 % interval. Ring: the threshold chosen
        on validation.`,
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
            html`<b>Figure.</b> The best of each network, chosen on validation: ${numberedTitle(page, best.first)}, and
              ${numberedTitle(page, best.second)}. Difference ${difference(best.difference)} (95 % interval ${interval(best)}), DeLong’s
              test ${pSentence(best.p)}, adjusted ${pSentence(best.holm)}. Crosses: thresholds chosen on validation, with Wilson’s 95 %
              intervals.`,
            "overlay",
          )
        : null
    }`,
  };
}
