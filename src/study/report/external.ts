// The models on a second cohort, beside their areas on the study's own held-out cases.
import { belowChance, type ExternalCohort, type ExternalRun } from "../analysis/external.ts";
import { html, table, type Content } from "./html.ts";
import { counted, digits3, interval } from "../numbers.ts";
import { explained, highest, modelCell, shareCell, stacked, type Page, type Section } from "./page.ts";

/** Null where no second cohort was scored. */
export function external(page: Page): Section | null {
  const { external: found } = page.input;
  if (!found) return null;
  const own = (model: string, seed: number): number | undefined =>
    page.analysis.seeds.find((one) => one.seed === seed)?.models.find((one) => one.model === model)?.auc;
  return {
    id: "external",
    title: "External cohort",
    body: html`<p>
        ${sizes(page, found)} of another list, none of them among the study’s by its pixels. Every trained model has scored them as they
        are, with the threshold from the study’s own validation cases. They played no part in any choice.
      </p>
      ${table({
        caption: html`<b>Table.</b> AUC on the external cohort and on the study’s held-out cases, and the calls on the external cohort, with
          95 % intervals.`,
        columns: [
          { title: "model" },
          { title: "seed", numeric: true },
          { title: "AUC, external", numeric: true },
          { title: "AUC, held-out", numeric: true },
          { title: "sensitivity", numeric: true },
          { title: "specificity", numeric: true },
          { title: "remark" },
        ],
        rows: found.runs.map((run): Content[] => {
          const held = own(run.model, run.seed);
          return [
            modelCell(page, run.model),
            run.seed,
            stacked(digits3(run.auc), interval(run.interval)),
            held === undefined ? "" : digits3(held),
            shareCell(run.operating?.sensitivity ?? null),
            shareCell(run.operating?.specificity ?? null),
            belowChance(run) ?? "",
          ];
        }),
      })}`,
  };
}

const sizes = ({ finding }: Page, { positives, negatives }: ExternalCohort): string =>
  `${counted(positives, "case")} with ${finding.short} and ${negatives} without`;

/** The best model on the second cohort, in a sentence; null where there is none. */
export function externalSentence(page: Page): Content | null {
  const { external: found } = page.input;
  if (!found) return null;
  const best = highest(page.analysis);
  const run = found.runs.find(({ model, seed }) => model === best.model && seed === best.seed);
  const below = found.runs.filter(({ auc }) => auc < 0.5).length;
  return html`<b>On an external cohort</b> (${sizes(page, found)})
    ${run ? `${explained(page, best.model)} has an AUC of ${areaText(run)}.` : ""}
    ${below > 0 ? `${below} of ${counted(found.runs.length, "run")} ${below === 1 ? "is" : "are"} below chance there.` : ""}`;
}

const areaText = (run: ExternalRun): string => {
  const below = belowChance(run);
  return `${digits3(run.auc)} (95 % interval ${interval(run.interval)})${below === null ? "" : `, ${below}`}`;
};

/** For the card of a model. */
export const externalRow = (found: ExternalCohort | null, model: string, seed: number): [string, string][] => {
  const run = found?.runs.find((one) => one.model === model && one.seed === seed);
  return run ? [["AUC on an external cohort (DeLong)", areaText(run)]] : [];
};
