// What features that say nothing about the finding reach on the held-out cases, beside the models: where they come near, the models may rest on them.
import { near, type Shortcut } from "../analysis/shortcuts.ts";
import { html, table, type Content } from "./html.ts";
import { digits3, interval } from "../numbers.ts";
import { explained, highest, shortName, type Page, type Section } from "./page.ts";

export function shortcuts(page: Page): Section {
  const { shortcuts: found } = page.input;
  const best = highest(page.analysis);
  const body =
    found === null || found.length === 0
      ? html`<p>Not measured in this study.</p>`
      : html`<p>${warning(page, found) ?? `No such feature comes near ${explained(page, best.model)}.`}</p>
          ${table({
            caption: html`<b>Table.</b> AUC of single features on the held-out cases, beside the highest of a model.`,
            columns: [{ title: "feature" }, { title: "AUC", numeric: true }, { title: "95 % interval", numeric: true }],
            rows: [
              ...found.map(({ feature, auc, interval: bounds }): Content[] => [feature, digits3(auc), interval(bounds)]),
              [html`<b>${shortName(page, best.model)}</b>`, digits3(best.auc.value), interval(best.auc.delong)],
            ],
            notes:
              "Means over the images of a case, of the whole image, before any crop. Black: a grey value of at most 8 of 255. Letters: marks in dark corners that look like text. In which direction a feature counts is taken from the training and validation cases.",
          })}`;
  return {
    id: "shortcuts",
    title: "Shortcuts",
    body: html`<p>
        A network can separate cases by where their images come from. Size, brightness, colour and letters of an image should say nothing
        about the finding. If one of them alone separates the held-out cases, the areas of the models prove less than they seem to.
      </p>
      ${body}`,
  };
}

/** What comes near the best model; null where nothing does. */
export function warning(page: Page, found: readonly Shortcut[]): Content | null {
  const best = highest(page.analysis);
  const close = near(found, best.auc.value);
  if (close.length === 0) return null;
  const named = close.map(({ feature, auc }) => `${feature} (${digits3(auc)})`).join(", ");
  return html`<b>Shortcuts:</b> without any network the cases are separated by ${named}; ${explained(page, best.model)} reaches
    ${digits3(best.auc.value)}. What the models have learnt of the finding is not known.`;
}
