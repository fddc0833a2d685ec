// The jobs of a study as a table, with the loss of each training as a line.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Curve, StudyModel } from "./model.ts";
import { TEXT } from "./text.ts";

const WIDTH = 160;
const HEIGHT = 32;

function line({ losses }: Curve): TemplateResult | typeof nothing {
  if (losses.length < 2) return nothing;
  const most = Math.max(...losses);
  const least = Math.min(...losses);
  const points = losses.map((loss, i) => {
    const y = most === least ? HEIGHT / 2 : HEIGHT - 2 - ((loss - least) / (most - least)) * (HEIGHT - 4);
    return `${((i / (losses.length - 1)) * WIDTH).toFixed(1)},${y.toFixed(1)}`;
  });
  return html`<svg class="study-line" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
    ${svg`<polyline points=${points.join(" ")} fill="none" stroke="currentColor" stroke-width="1.5" />`}
  </svg>`;
}

/** All jobs, each with its state. */
export function jobs(model: StudyModel): TemplateResult {
  const info = model.info.value;
  const running = new Map((model.standing.value?.running ?? []).map(({ name, share }) => [name, share]));
  return html`<div class="study-scroll">
    <table class="study-jobs">
      <thead>
        <tr>
          <th scope="col">${TEXT.job}</th>
          <th scope="col">${TEXT.state}</th>
          <th scope="col">${TEXT.loss}</th>
        </tr>
      </thead>
      <tbody>
        ${(info?.jobs ?? []).map(({ name, done }) => {
          const share = model.isRunning.value ? running.get(name) : undefined;
          const curve = model.curves.value.get(name);
          return html`<tr data-state=${done ? "done" : share === undefined ? "waiting" : "running"}>
            <th scope="row">${TEXT.jobName(name)}</th>
            <td>
              ${
                done
                  ? TEXT.done
                  : share === undefined
                    ? TEXT.waiting
                    : html`<meter min="0" max="1" .value=${share} aria-label=${TEXT.jobName(name)}></meter>`
              }
            </td>
            <td>${curve ? html`${line(curve)} <span class="number">${curve.losses.at(-1)?.toFixed(3)}</span>` : nothing}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
