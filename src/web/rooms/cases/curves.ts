// Losses of trainings as lines, from metrics.jsonl.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Curves } from "./source.ts";
import { TEXT } from "./text.ts";

const WIDTH = 260;
const HEIGHT = 120;

/** A card with a chart for each training: the loss in training and on validation cases over its steps. */
export function curvesView(curves: Curves, isDone: boolean): TemplateResult | typeof nothing {
  const all = Object.entries(curves).filter(([, lines]) => lines.length > 0);
  if (all.length === 0) return nothing;
  return html`<section class="card">
    <h3>${TEXT.curves}</h3>
    <p class="quiet" role="status">${isDone ? TEXT.curvesDone : TEXT.curvesLive}</p>
    <div class="cases-curves">${all.map(([name, lines]) => chart(name, lines))}</div>
  </section>`;
}

function chart(name: string, lines: Curves[string]): TemplateResult {
  const values = lines.flatMap(({ loss, validationLoss }) => [loss, validationLoss]).filter((value) => Number.isFinite(value));
  const most = Math.max(...values);
  const least = Math.min(...values, most);
  const last = lines.at(-1);
  const steps = last?.["step"] ?? 1;
  const points = (key: string): string =>
    lines
      .filter((each) => Number.isFinite(each[key]))
      .map((each) => {
        const x = (each["step"] / steps) * WIDTH;
        const y = most === least ? HEIGHT / 2 : HEIGHT - ((each[key] - least) / (most - least)) * HEIGHT;
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      })
      .join(" ");
  const text = TEXT.curve(name, steps, last?.["loss"] ?? Number.NaN, last?.["validationLoss"]);
  return html`<figure>
    <figcaption>${text}</figcaption>
    <svg class="cases-roc" viewBox=${`-4 -4 ${WIDTH + 8} ${HEIGHT + 8}`} role="img" aria-label=${text}>
      ${svg`<rect x="0" y="0" width=${WIDTH} height=${HEIGHT} class="cases-frame" />
        <polyline points=${points("validationLoss")} class="cases-second" /><polyline points=${points("loss")} class="cases-first" />`}
    </svg>
  </figure>`;
}
