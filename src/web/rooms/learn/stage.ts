// What Learn shows: the transport, the lines, the batch, the first filters; with the layers and what can be changed.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { ref } from "lit-html/directives/ref.js";
import { styleOf } from "./charts.ts";
import type { Run } from "./runs.ts";
import type { Learning } from "./session.ts";
import { breaks, settings } from "./change.ts";
import { layers } from "./layers.ts";
import { NETWORKS } from "../../text.ts";
import { percent, TEXT } from "./text.ts";

/** Canvases that the room draws on. */
export interface Canvases {
  readonly loss: HTMLCanvasElement;
  readonly ridge: HTMLCanvasElement;
  readonly batch: (count: number) => readonly HTMLCanvasElement[];
}

/** Actions beyond the session's own. */
export interface Actions {
  readonly chooseFolder: (files: FileList | null) => void;
  readonly saveFile: () => void;
  readonly openInLook: () => void;
}

export function stage(learning: Learning, canvases: Canvases, actions: Actions): TemplateResult {
  const run = learning.runs.open.value;
  void learning.runs.changes.value;
  if (!run) return html`<p class="quiet">${TEXT.empty}</p>`;
  return html`
    <div class="learn">
      ${header(learning, run)} ${transport(learning, run)} ${stopped(learning)}
      <section class="card learn-loss">
        <h2>${TEXT.loss}</h2>
        <figure>
          ${canvases.loss}
          <figcaption class="quiet">${TEXT.lossOf}</figcaption>
        </figure>
        ${numbers(run)}
      </section>
      ${batchView(learning, canvases)} ${filters(learning)} ${layers(learning, run, canvases.ridge)} ${breaks(learning, run)}
      ${settings(learning, run, actions.chooseFolder)}
    </div>
  `;
}

function header(learning: Learning, { settings: { net, data } }: Run): TemplateResult {
  const opened = learning.opened.value;
  return html`<section class="learn-head">
    <p>
      ${opened ? TEXT.what(NETWORKS[net], opened.labels.length, opened.training) : nothing}
      ${data === "phantoms" ? TEXT.synthetic : nothing}
    </p>
    ${learning.note.value ? html`<p class="quiet" role="status">${learning.note.value}</p>` : nothing}
  </section>`;
}

/** Play, step, rewind: also for other rooms that follow the run. */
export function transport(learning: Learning, run: Run): TemplateResult {
  const step = learning.step.value;
  const playing = learning.playing.value;
  const ready = learning.opened.value !== null;
  const left = learning.replaying.value;
  const replayed = learning.replayed.value;
  const most = Math.max(run.records.length, step);
  return html`<section class="card learn-transport" aria-label=${TEXT.title}>
    <div class="learn-buttons">
      <button class="learn-play" ?disabled=${!ready} @click=${() => learning.toggle()}>${playing ? TEXT.pause : TEXT.play}</button>
      <button ?disabled=${!ready} @click=${() => void learning.take(1)}>${TEXT.step}</button>
      <button ?disabled=${!ready} @click=${() => void learning.epoch()}>${TEXT.epoch}</button>
      <button ?disabled=${!ready || step === 0} @click=${() => void learning.goTo(0)}>${TEXT.toStart}</button>
      <button ?disabled=${!ready || step === 0} @click=${() => void learning.goTo(step - 1)}>${TEXT.back}</button>
      <strong class="learn-step number">${TEXT.steps(step)}</strong>
      <span class="learn-badge" role="status" data-same=${replayed ? String(replayed.isSame) : nothing}
        >${left > 0 ? TEXT.replaying(left) : badge(step, replayed)}</span
      >
    </div>
    <label class="learn-slider">
      <span class="quiet">${TEXT.rewindTo}</span>
      <input
        type="range"
        min="0"
        max=${most}
        .value=${live(String(step))}
        ?disabled=${!ready || most === 0}
        @change=${(event: Event) => void learning.goTo(Number((event.target as HTMLInputElement).value))}
      />
      <span class="number quiet">${most}</span>
    </label>
  </section>`;
}

function badge(step: number, replayed: Learning["replayed"]["value"]): string {
  if (!replayed) return "";
  if (replayed.steps === 0) return replayed.comparedHash ? TEXT.marked(step, replayed.isSame) : "";
  return TEXT.replayed(replayed.steps, replayed.isSame, replayed.comparedHash);
}

function stopped(learning: Learning): TemplateResult {
  const stop = learning.stop.value;
  return html`<div role="alert" class="learn-alert">
    ${
      stop
        ? html`<p class="problem learn-stop">
            <span
              >${stop.kind === "tenfold" ? TEXT.tenfold(stop.step) : TEXT.notFinite(stop.step)}
              ${stop.layer ? TEXT.began(stop.layer.name, stop.layer.gradient) : nothing}</span
            >
            <button @click=${() => void learning.goTo(stop.step - 1)}>${TEXT.rewindBefore(stop.step - 1)}</button>
            <button @click=${() => void learning.play(true)}>${TEXT.goOn}</button>
          </p>`
        : nothing
    }
  </div>`;
}

/** The last steps as a table: what the line shows. */
function numbers({ records }: Run): TemplateResult {
  const heads = Object.keys(records[0]?.losses ?? {});
  return html`<details>
    <summary>${TEXT.showNumbers}</summary>
    <div class="learn-scroll" role="region" aria-label=${TEXT.loss} tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">${TEXT.step}</th>
            <th scope="col">${TEXT.loss}</th>
            ${heads.length > 1 ? heads.map((head) => html`<th scope="col">${head}</th>`) : nothing}
            <th scope="col">${TEXT.accuracy}</th>
          </tr>
        </thead>
        <tbody class="number">
          ${records
            .slice(-20)
            .toReversed()
            .map(
              ({ step, loss, losses, accuracy }) =>
                html`<tr>
                  <td>${step}</td>
                  <td>${loss.toPrecision(7)}</td>
                  ${heads.length > 1 ? heads.map((head) => html`<td>${losses[head].toPrecision(5)}</td>`) : nothing}
                  <td>${percent(accuracy)}</td>
                </tr>`,
            )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function batchView(learning: Learning, canvases: Canvases): TemplateResult {
  const pictures = learning.batch.value;
  const elements = canvases.batch(pictures.length);
  return html`<section class="card learn-batch">
    <h2>${TEXT.batch}</h2>
    ${pictures.length === 0 ? html`<p class="quiet">${TEXT.noBatch}</p>` : nothing}
    <ul>
      ${pictures.map(
        ({ label, likeliest, probability }, i) =>
          html`<li data-right=${String(label === likeliest)}>
            ${elements[i]}
            <span
              ><strong>${label === likeliest ? `✓ ${TEXT.right}` : `✗ ${TEXT.wrong}`}</strong>
              ${TEXT.saysOf(label, likeliest, probability)}</span
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

function filters(learning: Learning): TemplateResult {
  const count = learning.opened.value?.filters ?? 0;
  const height = learning.filterHeight();
  const arrange = (element: Element | undefined): void => {
    if (element instanceof HTMLElement) element.style.setProperty("--height", `${height}px`);
  };
  return html`<section class="card learn-filters" ${ref(arrange)}>
    <h2>${TEXT.filters}</h2>
    <div role="img" aria-label=${TEXT.filtersOf(count)}>${learning.filters.element}</div>
  </section>`;
}

export function inspector(learning: Learning, actions: Actions): TemplateResult {
  const { runs } = learning;
  void runs.changes.value;
  const open = runs.open.value;
  const record = open?.records[learning.step.value - 1];
  const score = learning.score.value;
  const ready = learning.opened.value !== null;
  const altered = open !== null && open.settings.off.some((name) => name !== "mean");
  return html`
    <h2>${TEXT.steps(learning.step.value)}</h2>
    ${
      record
        ? html`<dl class="learn-now">
            <dt>${TEXT.loss}</dt>
            <dd class="number">${record.loss.toPrecision(7)}</dd>
            ${
              Object.keys(record.losses).length > 1
                ? Object.entries(record.losses).map(
                    ([head, loss]) =>
                      html`<dt>${head}</dt>
                        <dd class="number">${loss.toPrecision(5)}</dd>`,
                  )
                : nothing
            }
            <dt>${TEXT.accuracy}</dt>
            <dd class="number">${percent(record.accuracy)}</dd>
            <dt title=${TEXT.hashWhy}>${TEXT.hash}</dt>
            <dd><code class="learn-hash">${open?.hashes.get(learning.step.value)?.slice(0, 32) ?? "–"}</code></dd>
          </dl>`
        : html`<p class="quiet">${TEXT.noBatch}</p>`
    }
    <h3>${TEXT.heldOut}</h3>
    <p class="learn-score">
      ${score ? TEXT.scored(score.accuracy, score.auc, score.loss, score.probabilities.length) : nothing}
      <button ?disabled=${!ready} @click=${() => void learning.scoreHeldOut()}>${TEXT.score}</button>
    </p>
    <h3>${TEXT.runs}</h3>
    <ol class="learn-runs">
      ${runs.all.value.map((run) => runView(learning, run, run === open))}
    </ol>
    <h3>${TEXT.keep}</h3>
    <p class="learn-keep">
      <button ?disabled=${!ready} @click=${actions.saveFile}>${TEXT.saveFile}</button>
      <button ?disabled=${!ready || altered} @click=${actions.openInLook}>${TEXT.openInLook}</button>
    </p>
    ${altered ? html`<p class="quiet">${TEXT.cannotOpen}</p>` : nothing}
    <p class="quiet">${TEXT.address}</p>
  `;
}

function runView(learning: Learning, run: Run, isOpen: boolean): TemplateResult {
  const last = run.records.at(-1);
  const name = `${TEXT.run(run.number)}, ${run.name || TEXT.first}`;
  return html`<li data-style=${styleOf(run)} aria-current=${isOpen ? "true" : nothing}>
    <span class="learn-run"><span class="learn-swatch" aria-hidden="true"></span>${name}</span>
    <span class="number quiet">${last ? `${last.step}: ${last.loss.toPrecision(4)}` : "–"}</span>
    ${
      isOpen
        ? html`<span class="quiet">${TEXT.open}</span>`
        : html`<span>
            <button class="plain" aria-label=${`${TEXT.restore}: ${name}`} @click=${() => learning.restore(run)}>${TEXT.restore}</button>
            <button class="plain" aria-label=${`${TEXT.remove}: ${name}`} @click=${() => learning.forget(run)}>${TEXT.remove}</button>
          </span>`
    }
  </li>`;
}
