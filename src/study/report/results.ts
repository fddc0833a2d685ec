// The results: the table of models, their ROC curves, the paired tests, and what models do at their thresholds.
import type { Comparison, Contrast, ModelAnalysis, Operating } from "../analysis.ts";
import { forestChart, rocChart, rocOverlay, type ForestRow, type RocCurve } from "./charts.ts";
import { figure, html, joined, raw, table, type Content, type Html } from "./html.ts";
import { colourOf } from "./model-title.ts";
import { counted, difference, digits2, digits3, estimate, interval, proportion, pSentence, pValue, share, spelled } from "./numbers.ts";
import { highest, modelCell, modelNumber, modelTitle, numberedTitle, reason, shareCell, stacked, type Page, type Section } from "./page.ts";

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
        specificity and accuracy are those at each model’s threshold, which was chosen on ${analysis.power.validationPositives} and
        ${analysis.power.validationNegatives} validation cases and is as coarse as that.
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
        caption: html`<b>Table.</b> The models on the held-out cases. Below each value its 95 % interval: DeLong’s of the AUC, Wilson’s of
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
      ${perfectTable(page, perfect)}
      ${table({
        className: "more",
        caption: html`<b>Table.</b> More of the same areas: other intervals, and what validation saw.`,
        columns: [
          { title: "model" },
          { title: "logit interval", numeric: true },
          { title: "bootstrap interval", numeric: true },
          { title: "standard error", numeric: true },
          { title: "AUC on validation", numeric: true },
          { title: "loss on validation", numeric: true },
          { title: "sensitivity at 95\u00a0% specificity", numeric: true },
        ],
        rows: analysis.models.map(({ model, auc, validationAuc, validationLoss, sensitivityAt95 }) => [
          modelCell(page, model),
          auc.logit.low === null ? reason(auc.logit.reason) : interval(auc.logit),
          interval(auc.bootstrap),
          digits3(auc.standardError),
          estimate(validationAuc),
          digits3(validationLoss),
          stacked(digits2(sensitivityAt95.value), `${digits2(sensitivityAt95.low)} to ${digits2(sensitivityAt95.high)}`),
        ]),
        notes: `Sensitivity at 95 % specificity is read off the held-out curve itself, with a bootstrap interval; ${input.protocol.endpoints.threshold} sets the thresholds of the table above.`,
      })}`,
  };
}

const seedsNote = ({ analysis }: Page): string =>
  analysis.seeds.length > 1 ? " Ticks: the other seeds’ areas." : " One seed was run: the spread between trainings is not known.";

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
    caption: html`<b>Table.</b> What may be said of an AUC of 1.00 (perfect separation; DeLong’s interval is degenerate): lower bounds.`,
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

export function comparisons(page: Page): Section {
  const { analysis, plot } = page;
  const tested = analysis.contrasts.flatMap(({ test, title }) => (test ? [{ test, title }] : []));
  const least = Math.min(-0.1, ...tested.map(({ test }) => test.low));
  const most = Math.max(0.1, ...tested.map(({ test }) => test.high));
  const domain = [Math.max(-1, Math.floor(least * 10) / 10), Math.min(1, Math.ceil(most * 10) / 10)] as const;
  const rows = tested.map(({ test, title }): ForestRow => ({
    label: title,
    colour: colourOf(analysis.models.find(({ model }) => model === test.first) as ModelAnalysis),
    value: test.difference,
    interval: test,
    filled: test.holm < 0.05,
    told: `${difference(test.difference)}  ${pSentence(test.holm)}`,
    others: analysis.seeds
      .filter(({ primary }) => !primary)
      .flatMap(({ contrasts }) => contrasts.flatMap((other) => (other.title === title && other.test ? [other.test.difference] : []))),
  }));
  return {
    id: "comparisons",
    title: "Paired comparisons",
    body: html`<p>
        Each comparison is of two models on the same held-out cases, by DeLong’s paired test. ${spelled(analysis.contrasts.length)}
        contrasts were named beforehand, and their p-values are adjusted among themselves by Holm’s method. All ${analysis.pairs.length}
        pairs follow as a supplement, adjusted among themselves.${jointSentence(page)}
      </p>
      ${
        rows.length > 0
          ? figure(
              html`<div class="wide">
                ${raw(
                  forestChart(plot, rows, {
                    domain,
                    nothing: 0,
                    axis: "difference of areas (first less second)",
                    labelWidth: 404,
                    toldWidth: 150,
                    label: `Differences of areas: ${rows.map(({ label, told }) => `${label}: ${told}`).join("; ")}.`,
                  }),
                )}
              </div>`,
              html`<b>Figure.</b> The named contrasts: difference of AUC with DeLong’s 95 % interval, and Holm’s p. Right of the line: the
                first-named does better. Filled: p &lt; 0.05 after adjustment.${analysis.seeds.length > 1 ? " Ticks: the other seeds." : ""}`,
            )
          : null
      }
      ${table({
        caption: html`<b>Table.</b> The named contrasts. Holm’s adjustment is over ${counted(tested.length, "test")}.`,
        columns: [
          { title: "contrast" },
          { title: "first against second" },
          { title: "difference of AUC", numeric: true },
          { title: "z", numeric: true },
          { title: "p", numeric: true },
          { title: "p (Holm)", numeric: true },
          { title: "McNemar p (Holm)", numeric: true },
        ],
        rows: analysis.contrasts.map((contrast) => contrastRow(page, contrast)),
        notes: html`Numbers of models as in the tables above. McNemar’s exact test asks who is right at each model’s own
        threshold.${
          tested.some(({ test }) => test.perfect.length > 0)
            ? " * One of the two has an AUC of 1, whose variance is 0: the test rests on the other’s variance alone."
            : ""
        }`,
      })}
      ${analysis.models.length > 1 ? pairMatrix(page) : null}`,
  };
}

function jointSentence({ analysis }: Page): string {
  const { equalAreas } = analysis;
  if (!equalAreas || equalAreas.chiSquared.value === null) return "";
  return ` Joint test that all areas are equal: χ² = ${equalAreas.chiSquared.value.toFixed(1)} on ${equalAreas.degreesOfFreedom} degrees of freedom, ${pSentence(equalAreas.p)}.`;
}

function contrastRow(page: Page, { title, test, reason = "a model is missing" }: Contrast): Content[] {
  if (!test) return [title, html`<span class="muted">not tested: ${reason}</span>`, "", "", "", "", ""];
  const { mcnemar } = test;
  return [
    title,
    `${modelNumber(page, test.first)} against ${modelNumber(page, test.second)}${test.perfect.length > 0 ? " *" : ""}`,
    stacked(difference(test.difference), interval(test)),
    estimate(test.z, digits2),
    pValue(test.p),
    html`<b>${pValue(test.holm)}</b>`,
    mcnemar ? `${pValue(mcnemar.p)} (${pValue(mcnemar.holm)})` : "not estimable",
  ];
}

function pairMatrix(page: Page): Html {
  const { models, pairs } = page.analysis;
  const find = (a: string, b: string): { pair: Comparison; sign: 1 | -1 } | null => {
    const pair = pairs.find(({ first, second }) => (first === a && second === b) || (first === b && second === a));
    return pair ? { pair, sign: pair.first === a ? 1 : -1 } : null;
  };
  const cell = (row: ModelAnalysis, column: ModelAnalysis, upper: boolean): Html => {
    if (row === column) return html`<td class="self">${digits3(row.auc.value)}</td>`;
    const found = find(row.model, column.model);
    if (!found) return html`<td>not tested</td>`;
    const clear = found.pair.holm < 0.05 ? ' class="clear"' : "";
    return html`<td${raw(clear)}>${upper ? pValue(found.pair.holm) : difference(found.sign * found.pair.difference)}</td>`;
  };
  return html`<div class="table matrix">
    <div class="scroller" tabindex="0">
      <table>
        <caption>
          <span
            ><b>Table.</b> All ${pairs.length} pairs. Above the diagonal: Holm’s p over all pairs; on it: the AUC; below it: AUC of the
            row’s model less the column’s. Shaded: p &lt; 0.05 after adjustment.</span
          >
        </caption>
        <thead>
          <tr>
            <th scope="col">model</th>
            ${models.map(({ model }) => html`<th scope="col"><abbr title="${modelTitle(page, model)}">${modelNumber(page, model)}</abbr></th>`)}
          </tr>
        </thead>
        <tbody>
          ${models.map(
            (row, r) =>
              html`<tr>
                <th scope="row">${modelCell(page, row.model)}</th>
                ${models.map((column, c) => cell(row, column, c > r))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

export function thresholds(page: Page): Section {
  const { analysis } = page;
  const counts = ({ truePositives, falsePositives, trueNegatives, falseNegatives }: Operating): Content[] => [
    truePositives,
    falseNegatives,
    trueNegatives,
    falsePositives,
  ];
  return {
    id: "thresholds",
    title: "At the threshold",
    body: html`<p>
        A threshold turns a score into a call. Each was set on validation cases by Youden’s index (sensitivity + specificity − 1) and then
        left alone.
      </p>
      ${table({
        caption: html`<b>Table.</b> Cross tabulation of calls by truth at the threshold, and predictive values at this cohort’s prevalence
          and, by Bayes’ rule, at 5 %.`,
        columns: [
          { title: "model" },
          { title: "threshold P", numeric: true },
          { title: "hits", numeric: true },
          { title: "missed", numeric: true },
          { title: "correct negatives", numeric: true },
          { title: "false alarms", numeric: true },
          { title: "PPV", numeric: true },
          { title: "NPV", numeric: true },
          { title: "PPV at 5\u00a0%", numeric: true },
        ],
        rows: analysis.models.map(({ model, operating, threshold }) => [
          modelCell(page, model),
          threshold.probability === null ? (threshold.reason ?? "none") : digits3(threshold.probability),
          ...(operating
            ? [...counts(operating), shareCell(operating.ppv), shareCell(operating.npv), estimate(operating.ppvAt5, digits2)]
            : Array<Content>(7).fill("not estimable")),
        ]),
        notes: `Validation held ${analysis.power.validationPositives} cases with hemorrhage and ${analysis.power.validationNegatives} without.`,
      })}
      ${table({
        caption: html`<b>Table.</b> The same at the threshold that the held-out cases themselves would choose: optimistic, shown for
          comparison only.`,
        columns: [
          { title: "model" },
          { title: "sensitivity", numeric: true },
          { title: "specificity", numeric: true },
          { title: "accuracy", numeric: true },
        ],
        rows: analysis.models.map(({ model, optimistic }) => [
          modelCell(page, model),
          share(optimistic.sensitivity),
          share(optimistic.specificity),
          share(optimistic.accuracy),
        ]),
      })}
      ${sides(page)}`,
  };
}

function sides(page: Page): Html {
  const { classes } = page.analysis.plan;
  const best = highest(page.analysis);
  const sided = page.analysis.models.some(({ side }) => side !== null);
  return html`<h3>${sided ? "Sides, and confusion of classes" : "Confusion of classes"}</h3>
    <p>Here the call is the likeliest class, without a threshold.${sided ? " “Left” and “right” are the patient’s." : ""}</p>
    ${table({
      caption: html`<b>Table.</b> Confusion of classes: true class, then how often each class was the likeliest.`,
      columns: [
        { title: "model" },
        ...classes.map((label) => ({ title: `true ${label}: said ${classes.join(" / ")}`, numeric: true })),
        { title: "accuracy", numeric: true },
        ...(sided ? [{ title: "true side likelier, all with hemorrhage", numeric: true }] : []),
      ],
      rows: page.analysis.models.map(({ model, confusion, classAccuracy, side }) => [
        modelCell(page, model),
        ...confusion.map((row) => joined(row, " / ")),
        share(classAccuracy),
        ...(sided ? [side ? proportion(side.all) : "no sides"] : []),
      ]),
      notes: `${numberedTitle(page, best.model)} has the highest AUC.`,
    })}`;
}
