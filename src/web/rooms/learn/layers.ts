// The layers in Learn: gradient norms and dead units of the open run, and the norms of another run at the same step.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { LayerRecord, Run } from "./runs.ts";
import type { Learning } from "./session.ts";
import { percent, TEXT } from "./text.ts";

const measuredAt = ({ measures }: Run, step: number): LayerRecord | undefined =>
  measures.findLast((each) => each.step <= Math.max(step, 1)) ?? measures[0];

/** `ridge` is the canvas that the norms over the steps are drawn on. */
export function layers(learning: Learning, run: Run, ridge: HTMLCanvasElement): TemplateResult {
  const last = measuredAt(run, learning.step.value);
  const others = learning.runs.all.value.filter(
    (each) => each !== run && each.settings.net === run.settings.net && each.measures.length > 0,
  );
  const beside = others.find(({ number }) => number === learning.beside.value) ?? others.at(-1);
  const other = beside && measuredAt(beside, last?.step ?? 0);
  const otherOf = new Map(other?.layers.map(({ layer, gradient }) => [layer, gradient]));
  const known = [...(last?.layers ?? []), ...(other?.layers ?? [])].map(({ gradient }) => gradient ?? 0);
  const largest = Math.max(...known, 1e-12);
  const norm = (gradient: number | null | undefined, name: string): TemplateResult =>
    html`<td class="number">${gradient === null || gradient === undefined ? "–" : gradient.toPrecision(3)}</td>
      <td><meter min="0" max=${largest} .value=${gradient ?? 0} aria-label=${name}></meter></td>`;
  return html`<section class="card learn-layers">
    <h2>${TEXT.layers}</h2>
    <div class="learn-fields">
      <label class="learn-check">
        <input
          type="checkbox"
          .checked=${live(learning.measures.value)}
          @change=${(event: Event) => (learning.measures.value = (event.target as HTMLInputElement).checked)}
        />
        ${TEXT.measure}
      </label>
      ${
        others.length > 1
          ? html`<label class="field"
              ><span>${TEXT.beside}</span
              ><select
                @change=${(event: Event) => (learning.beside.value = others[(event.target as HTMLSelectElement).selectedIndex].number)}
              >
                ${others.map((each) => html`<option ?selected=${each === beside}>${TEXT.run(each.number)}${each.name ? `, ${each.name}` : ""}</option>`)}
              </select></label
            >`
          : nothing
      }
    </div>
    <div class="learn-scroll" role="region" aria-label=${TEXT.layers} tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">${TEXT.layer}</th>
            <th scope="col" colspan="2">${TEXT.gradient}${last ? html`, ${TEXT.at(run.number, last.step)}` : nothing}</th>
            ${beside && other ? html`<th scope="col" colspan="2">${TEXT.at(beside.number, other.step)}</th>` : nothing}
            <th scope="col">${TEXT.dead}</th>
          </tr>
        </thead>
        <tbody>
          ${(last?.layers ?? []).map(
            ({ layer, gradient, dead }) =>
              html`<tr>
                <th scope="row">${layer}</th>
                ${norm(gradient, `${TEXT.gradient}, ${layer}`)}
                ${beside ? norm(otherOf.get(layer), `${TEXT.gradient}, ${layer}, ${TEXT.run(beside.number)}`) : nothing}
                <td class="number">${dead === null ? "–" : percent(dead)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <figure>
      ${ridge}
      <figcaption class="quiet">${TEXT.ridge}</figcaption>
    </figure>
  </section>`;
}
