// How labels and answers agree: the confusion matrix, and ROC curves with DeLong's interval.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { rocSummary, type RocSummary } from "striatum/study";
import type { Page } from "../../shell/page.ts";
import { confusionOf, saidOf, type ScoredItem, type ScoredSet } from "./scored.ts";
import { TEXT } from "./text.ts";

const SIDE = 200;

export function confusion({ labels, items }: ScoredSet): TemplateResult {
  const counts = confusionOf(items, labels.length);
  const right = items.filter((item) => saidOf(item) === item.label).length;
  const many = labels.length > 8;
  const text = (count: number): string => (count === 0 && many ? "" : String(count));
  return html`<section class="card">
    <p role="status">${TEXT.right(right, items.length)}</p>
    <div class="cases-scroll" tabindex="0" role="region" aria-label=${TEXT.confusion}>
      <table class="cases-confusion">
        <caption>
          ${TEXT.confusion}
        </caption>
        <thead>
          <tr>
            <th scope="col"><span class="cases-hidden">label</span></th>
            ${labels.map((label, i) => html`<th scope="col" title=${label}>${many ? i : label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${counts.map(
            (row, i) =>
              html`<tr>
                <th scope="row">${labels[i]}</th>
                ${row.map((count, j) => html`<td data-kind=${count === 0 ? "none" : i === j ? "right" : "wrong"}>${text(count)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Score and truth of "positive": not the first class in a study, the chosen class else. */
function summaryOf(
  { items, labels, isStudy }: ScoredSet,
  positive: string,
  of: (item: ScoredItem) => readonly number[] | null,
): RocSummary | null {
  const at = Math.max(0, labels.indexOf(positive));
  const scores = items.map((item) => of(item));
  if (scores.some((each) => each === null)) return null;
  const known = scores as readonly (readonly number[])[];
  return isStudy
    ? rocSummary(
        known.map(([none]) => 1 - none),
        items.map(({ label }) => label > 0),
      )
    : rocSummary(
        known.map((each) => each[at]),
        items.map(({ label }) => label === at),
      );
}

export function roc(page: Page, found: ScoredSet): TemplateResult {
  const { positive = "", second } = page.address.value.keys;
  const first = summaryOf(found, positive, ({ probabilities }) => probabilities);
  const other = second ? summaryOf(found, positive, (item) => item.second) : null;
  if (!first)
    return html`<section class="card">
      <h3>${TEXT.roc}</h3>
      <p>${TEXT.noRoc}</p>
    </section>`;
  const path = ({ curve }: RocSummary): string =>
    curve
      .map(({ sensitivity, specificity }) => `${((1 - specificity) * SIDE).toFixed(1)},${((1 - sensitivity) * SIDE).toFixed(1)}`)
      .join(" ");
  const { name } = found;
  return html`<section class="card">
    <h3>${TEXT.roc}</h3>
    <p>${TEXT.auc(name, first.auc, first.low, first.high)}</p>
    ${other ? html`<p>${TEXT.auc(second, other.auc, other.low, other.high)}</p>` : nothing}
    <svg class="cases-roc" viewBox="-4 -4 208 208" role="img" aria-label=${TEXT.auc(name, first.auc, first.low, first.high)}>
      ${svg`<rect x="0" y="0" width=${SIDE} height=${SIDE} class="cases-frame" />
        <line x1="0" y1=${SIDE} x2=${SIDE} y2="0" class="cases-chance" />
        ${other ? svg`<polyline points=${path(other)} class="cases-second" />` : nothing}
        <polyline points=${path(first)} class="cases-first" />`}
    </svg>
    <details>
      <summary>${TEXT.numbers}</summary>
      <div class="cases-scroll" tabindex="0" role="region" aria-label=${TEXT.roc}>
        <table>
          <thead>
            <tr>
              <th scope="col">threshold</th>
              <th scope="col">sensitivity</th>
              <th scope="col">specificity</th>
            </tr>
          </thead>
          <tbody>
            ${first.curve.map(
              ({ threshold, sensitivity, specificity }) =>
                html`<tr>
                  <td class="number">${Number.isFinite(threshold) ? threshold.toFixed(4) : "none"}</td>
                  <td class="number">${sensitivity.toFixed(3)}</td>
                  <td class="number">${specificity.toFixed(3)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}
