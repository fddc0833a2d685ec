// Histograms as pictures, with their numbers.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Histogram } from "striatum/inspect";
import { TEXT } from "./text.ts";
import { shown } from "./view.ts";
import type { Shown } from "./worker-part.ts";

const HEIGHT = 100;
const BAR = 5;

/** Those of the layer and of one channel. */
export const histograms = (found: Shown["histograms"], channel: number): TemplateResult =>
  html`<div class="look-histograms">${figure(TEXT.ofLayer, found?.layer)} ${figure(TEXT.ofChannel(channel), found?.channel)}</div>`;

function figure(title: string, found: Histogram | undefined): TemplateResult {
  const { least = NaN, largest = NaN } = found ?? {};
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg
      viewBox=${`0 0 ${64 * BAR} ${HEIGHT}`}
      role="img"
      aria-label=${`${title}: ${TEXT.bars(shown(least), shown(largest))}`}
      preserveAspectRatio="none"
    >
      ${found ? bars(found) : nothing}
    </svg>
    <p class="look-ends number"><span>${shown(least)}</span> <span>${shown(largest)}</span></p>
    ${found ? moments(found) : nothing}
  </figure>`;
}

function bars({ bins }: Histogram): TemplateResult<2>[] {
  const height = (count: number): number => (count === 0 ? 0 : Math.max(2, (HEIGHT * Math.log1p(count)) / Math.log1p(Math.max(...bins))));
  return [...bins].map((count, i) => svg`<rect x=${i * BAR} y=${HEIGHT - height(count)} width=${BAR - 1} height=${height(count)}></rect>`);
}

function moments({ count, mean, deviation, zeros, nans, infinite, bins, least, largest }: Histogram): TemplateResult {
  const width = (largest - least) / bins.length;
  return html`<dl class="look-moments">
      <dt>${TEXT.count}</dt>
      <dd class="number">${count}</dd>
      <dt>${TEXT.mean}</dt>
      <dd class="number">${shown(mean)}</dd>
      <dt>${TEXT.deviation}</dt>
      <dd class="number">${shown(deviation)}</dd>
      <dt>${TEXT.zeros}</dt>
      <dd class="number">${(100 * zeros).toFixed(1)} %</dd>
      <dt>${TEXT.notFinite}</dt>
      <dd class="number">${nans + infinite}</dd>
    </dl>
    <details>
      <summary>${TEXT.numbers}</summary>
      <table class="look-terms">
        <thead>
          <tr>
            <th scope="col">${TEXT.from}</th>
            <th scope="col" class="look-right">${TEXT.count}</th>
          </tr>
        </thead>
        <tbody>
          ${[...bins].map(
            (binned, i) =>
              html`<tr>
                <th scope="row" class="number">${shown(least + i * width)}</th>
                <td class="number look-right">${binned}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>`;
}
