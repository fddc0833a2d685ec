// Weight: one weight of the run that learns. Its life over the steps, its gradient three times over and as the sum that it is, and its next update.
import { computed, effect, signal, untracked } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { ref } from "lit-html/directives/ref.js";
import { Panel } from "../../shell/panel.ts";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { shownTheme } from "../../shell/theme.ts";
import { learningOf, type Learning } from "../learn/session.ts";
import { transport } from "../learn/stage.ts";
import { drawLife, lifeOf, type LifeStep } from "./life.ts";
import { AXES, pathOf, placeOf, type Place } from "./place.ts";
import type { Term } from "./terms.ts";
import { TEXT } from "./text.ts";
import type * as Part from "./worker-part.ts";
import type { FiniteDifference, Gradient, Moment, Which } from "./worker-part.ts";

export function open(page: Page): OpenRoom {
  const room = new Weight(page);
  return {
    stage: () => room.stage(),
    bindings: [
      { key: "p", does: "play or pause", run: () => room.learning.toggle() },
      { key: ".", does: "one step", run: () => void room.learning.take(1) },
      { key: "ArrowLeft", does: TEXT.keys.left, run: () => room.move(-1, 0) },
      { key: "ArrowRight", does: TEXT.keys.right, run: () => room.move(-1, 1) },
      { key: "ArrowUp", does: TEXT.keys.up, run: () => room.move(-2, 0) },
      { key: "ArrowDown", does: TEXT.keys.down, run: () => room.move(-2, 1) },
    ],
    close: () => room.close(),
  };
}

class Weight {
  readonly learning: Learning;
  readonly #page: Page;
  readonly #part;
  readonly #panels: { readonly input: Panel; readonly output: Panel };
  readonly #canvas = document.createElement("canvas");
  /** Moments of the weight that is shown, by step. */
  readonly #moments = signal<ReadonlyMap<number, Moment>>(new Map());
  readonly #gradient = signal<Gradient | null>(null);
  readonly #difference = signal<FiniteDifference | "computing" | null>(null);
  readonly #picture = signal(0);
  readonly #marked = signal(0);
  readonly #place;
  readonly #life;
  readonly #stops: readonly (() => void)[];
  #shownKey = "";
  /** Path of the weight that the gradient is of. */
  #gradientPath = "";
  /** Looks at gradients come one after another: the worker has one picture open at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #asked = 0;

  constructor(page: Page) {
    this.#page = page;
    this.learning = learningOf(page);
    this.#part = page.client.remote<typeof Part>("weight");
    this.#panels = { input: new Panel(page.client), output: new Panel(page.client) };
    this.#canvas.className = "weight-life";
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", TEXT.lifeOf);
    const { learning } = this;
    this.#place = computed<Place | null>(() => {
      const opened = learning.opened.value;
      const { room, path } = page.address.value;
      return opened && room === "weight" ? placeOf(path, opened.parameters) : null;
    });
    this.#life = computed<LifeStep[]>(() => {
      const run = learning.runs.open.value;
      const place = this.#place.value;
      if (!run || !place) return [];
      const isBias = place.parameter.name.endsWith("/bias");
      return lifeOf(this.#moments.value, {
        momentum: run.settings.momentum,
        decay: isBias ? 0 : run.settings.decay,
        rateMultiplier: isBias ? 2 : 1,
        rateAt: (step) => run.rates.findLast((each) => each.step <= step)?.rate ?? run.settings.rate,
      });
    });
    this.#stops = [
      effect(() => learning.follow()),
      effect(() => this.#follow()),
      effect(() => {
        const life = this.#life.value;
        void shownTheme.value;
        requestAnimationFrame(() => drawLife(this.#canvas, life, { value: TEXT.value, momentum: TEXT.momentum, gradient: TEXT.gradient }));
      }),
    ];
  }

  /** Changes a place along an axis, counted from the last. */
  move(axis: number, direction: 0 | 1): void {
    const place = this.#place.value;
    if (!place) return;
    const at = [...place.at];
    const index = at.length + axis;
    if (index < 0) return;
    at[index] = Math.min(place.parameter.shape[index] - 1, Math.max(0, at[index] + (direction === 1 ? 1 : -1)));
    this.#go(place, at);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#asked++;
    this.#panels.input.dispose();
    this.#panels.output.dispose();
    this.learning.pause();
  }

  #go({ parameter }: Pick<Place, "parameter">, at: readonly number[]): void {
    this.#page.go({ room: "weight", path: pathOf(parameter, at) });
  }

  /** Looks at the weight after every step; at its gradient once nothing plays. */
  #follow(): void {
    const place = this.#place.value;
    const step = this.learning.step.value;
    const quiet = !this.learning.playing.value && this.learning.replaying.value === 0;
    if (!place) return;
    const number = ++this.#asked;
    untracked(() => {
      const which: Which = { name: place.parameter.name, at: place.at, index: place.index };
      const key = JSON.stringify([which, this.learning.runs.open.value?.number]);
      if (key !== this.#shownKey) {
        this.#shownKey = key;
        this.#moments.value = new Map();
      }
      if (quiet) this.#gradient.value = this.#difference.value = null;
      void this.#page.attempt(async () => {
        const moment = await this.#part.moment(which);
        if (key !== this.#shownKey) return;
        this.#moments.value = new Map([...this.#moments.value, [moment.step, moment]]);
        if (!quiet || number !== this.#asked || moment.step !== step) return;
        await this.#alone(async () => {
          if (number !== this.#asked) return;
          const gradient = await this.#part.gradient(which);
          if (number !== this.#asked) return;
          this.#gradientPath = pathOf(place.parameter, place.at);
          this.#gradient.value = gradient;
          this.#difference.value = gradient.difference;
          this.#marked.value = 0;
          await this.#show(which, gradient.shown[0]?.picture ?? 0);
        });
      });
    });
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Computes the finite difference of the weight whose gradient is shown. */
  async #differ(): Promise<void> {
    const place = this.#place.peek();
    const number = this.#asked;
    if (!place) return;
    this.#difference.value = "computing";
    await this.#alone(async () => {
      if (number !== this.#asked) return;
      const which: Which = { name: place.parameter.name, at: place.at, index: place.index };
      const found = await this.#part.difference(which);
      if (number !== this.#asked) return;
      this.#difference.value = found;
      // Its looks replaced the one that the maps were drawn from.
      await this.#show(which, this.#picture.peek());
    });
  }

  async #show(which: Which, picture: number): Promise<void> {
    this.#picture.value = picture;
    await this.#part.maps(which, picture, { input: this.#panels.input.id, output: this.#panels.output.id });
  }

  #mark(term: Term, number: number): void {
    this.#marked.value = number;
    const place = this.#place.value;
    if (!place || term.picture === this.#picture.value) return;
    const which: Which = { name: place.parameter.name, at: place.at, index: place.index };
    void this.#page.attempt(() => this.#alone(() => this.#show(which, term.picture)));
  }

  stage(): TemplateResult {
    const run = this.learning.runs.open.value;
    void this.learning.runs.changes.value;
    const place = this.#place.value;
    return html`<div class="weight learn">
      ${run ? transport(this.learning, run) : nothing} ${place ? this.#chooser(place) : nothing}
      <section class="card">
        <h2>${TEXT.life}</h2>
        <figure>
          ${this.#canvas}
          <figcaption class="quiet">${TEXT.lifeOf}. ${TEXT.lifeNote}</figcaption>
        </figure>
        ${this.#lifeNumbers()}
      </section>
      ${this.#three()} ${this.#sum()}
    </div>`;
  }

  #chooser(place: Place): TemplateResult {
    const parameters = this.learning.opened.value?.parameters ?? [];
    return html`<section class="card weight-place">
      <h2>${TEXT.title(place.parameter.layer)}</h2>
      <div class="learn-fields">
        <label class="field"
          ><span>${TEXT.parameter}</span
          ><select
            @change=${(event: Event) => {
              const parameter = parameters[(event.target as HTMLSelectElement).selectedIndex];
              this.#go(
                { parameter },
                parameter.shape.map((extent, axis) => (axis > 1 ? Math.floor(extent / 2) : 0)),
              );
            }}
          >
            ${parameters.map((each) => html`<option ?selected=${each.name === place.parameter.name}>${each.name}</option>`)}
          </select></label
        >
        ${place.at.map(
          (value, axis) =>
            html`<label class="field"
              ><span>${TEXT.axes[AXES[axis]]} <span class="number">0–${place.parameter.shape[axis] - 1}</span></span
              ><input
                type="number"
                min="0"
                max=${place.parameter.shape[axis] - 1}
                .value=${live(String(value))}
                @change=${(event: Event) =>
                  this.#go(
                    place,
                    place.at.map((each, i) => (i === axis ? Number((event.target as HTMLInputElement).value) : each)),
                  )}
            /></label>`,
        )}
      </div>
    </section>`;
  }

  #lifeNumbers(): TemplateResult {
    const life = this.#life.value.slice(-8).toReversed();
    return html`<div class="learn-scroll" role="region" aria-label=${TEXT.life} tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">${TEXT.value}</th>
            <th scope="col">${TEXT.momentum}</th>
            <th scope="col">${TEXT.gradient}</th>
          </tr>
        </thead>
        <tbody class="number">
          ${life.map(
            ({ step, value, momentum, gradient }) =>
              html`<tr>
                <td>${step}</td>
                <td>${value.toPrecision(6)}</td>
                <td>${momentum.toExponential(3)}</td>
                <td>${gradient === null ? "–" : gradient.toExponential(3)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #three(): TemplateResult {
    const found = this.#gradient.value;
    const now = this.#life.value.find(({ step }) => step === found?.step);
    if (!found || !now)
      return html`<section class="card">
        <h2>${TEXT.three}</h2>
        <p class="quiet" role="status">${this.learning.playing.value ? TEXT.paused : TEXT.computing}</p>
      </section>`;
    const { kernel, exact, bound, labels, rateMultiplier, decayMultiplier } = found;
    const { momentum, decay = 0 } = this.learning.runs.open.value?.settings ?? { momentum: 0 };
    const rate = this.learning.rate() * rateMultiplier;
    const next = momentum * now.momentum + rate * (kernel + decay * decayMultiplier * now.value);
    return html`<section class="card weight-three" data-place=${this.#gradientPath}>
      <h2>${TEXT.three}</h2>
      <p class="quiet">${TEXT.threeOf(labels)}</p>
      <dl>
        <dt>${TEXT.kernel}</dt>
        <dd class="number" data-gradient="kernel">${kernel.toPrecision(7)}</dd>
        <dt>${TEXT.exact}</dt>
        <dd>
          <span class="number" data-gradient="exact">${exact.toPrecision(7)}</span>
          <span class="quiet">${TEXT.off(Math.abs(kernel - exact), bound)}</span> <data data-gradient="bound" hidden>${bound}</data>
        </dd>
        <dt>${TEXT.difference}</dt>
        <dd>${this.#finite(found)}</dd>
      </dl>
      <h3>${TEXT.update}</h3>
      <p class="number weight-update">
        v' = ${momentum} x ${now.momentum.toPrecision(4)} + ${rate} x (${kernel.toPrecision(4)} + ${decay * decayMultiplier} x
        ${now.value.toPrecision(4)}) = ${next.toPrecision(5)}<br />
        w' = ${now.value.toPrecision(6)} - ${next.toPrecision(5)} = ${(now.value - next).toPrecision(6)}
      </p>
      <p class="quiet">${TEXT.updateNote}</p>
    </section>`;
  }

  #finite({ differenceTakes }: Gradient): TemplateResult {
    const found = this.#difference.value;
    if (found === "computing") return html`<span class="quiet" role="status">${TEXT.differencing}</span>`;
    if (!found)
      return html`<button class="plain" @click=${() => void this.#page.attempt(() => this.#differ())}>
        ${TEXT.askDifference(differenceTakes)}
      </button>`;
    const { value, error, kinks, near } = found;
    return html`<span class="number" data-gradient="difference">${value.toPrecision(7)}</span>
      <span class="quiet">${TEXT.differenceOf(found)}</span> ${kinks > 0 ? html`<span class="quiet">${TEXT.kinks(kinks)}</span>` : nothing}
      ${near > 0 ? html`<span class="quiet">${TEXT.near(near)}</span>` : nothing} <data data-gradient="error" hidden>${error}</data>
      <data data-gradient="kinks" hidden>${kinks}</data>`;
  }

  #sum(): TemplateResult {
    const found = this.#gradient.value;
    const { shown = [], input, output } = found ?? {};
    return html`<section class="card weight-sum" ?hidden=${!found}>
      <h2>${TEXT.sum}</h2>
      <p class="quiet">${TEXT.mapsOf(this.#picture.value)}</p>
      <div class="weight-maps">
        <figure ?hidden=${!input}>
          <div class="weight-map">${this.#panels.input.element} ${input ? this.#frames(shown, "in", input) : nothing}</div>
          <figcaption class="quiet">${input ? TEXT.inputMap(input.name) : nothing}</figcaption>
        </figure>
        <figure>
          <div class="weight-map">${this.#panels.output.element} ${output ? this.#frames(shown, "out", output) : nothing}</div>
          <figcaption class="quiet">${output ? TEXT.outputMap(output.name) : nothing} ${input ? nothing : TEXT.noInput}</figcaption>
        </figure>
      </div>
      ${found ? this.#terms(found) : nothing}
    </section>`;
  }

  /** A frame for each term of the picture that the map is of. */
  #frames(
    terms: readonly Term[],
    side: "in" | "out",
    { rows, columns }: { readonly rows: number; readonly columns: number },
  ): TemplateResult[] {
    return terms.flatMap((term, i) => {
      if (term.picture !== this.#picture.value) return [];
      const [row, column] = term[side];
      const place = (element: Element | undefined): void => {
        if (!(element instanceof HTMLElement)) return;
        element.style.setProperty("--row", String(row / rows));
        element.style.setProperty("--column", String(column / columns));
        element.style.setProperty("--height", String(1 / rows));
        element.style.setProperty("--width", String(1 / columns));
      };
      return [html`<span class="weight-frame" aria-hidden="true" data-marked=${String(i === this.#marked.value)} ${ref(place)}></span>`];
    });
  }

  #terms({ shown, others, rest, sum, magnitude, input }: Gradient): TemplateResult {
    return html`<p class="quiet">${TEXT.sumOf(shown.length)}</p>
      <div class="learn-scroll" role="region" aria-label=${TEXT.sum} tabindex="0">
        <table>
          <thead>
            <tr>
              <th scope="col">${TEXT.picture}</th>
              <th scope="col">${TEXT.at}</th>
              <th scope="col">${input ? TEXT.in : "x"}</th>
              <th scope="col">${TEXT.out}</th>
              <th scope="col">${TEXT.product}</th>
              <th scope="col"><span class="learn-hidden">${TEXT.showOn}</span></th>
            </tr>
          </thead>
          <tbody class="number">
            ${shown.map(
              (term, i) =>
                html`<tr aria-current=${i === this.#marked.value ? "true" : nothing} @pointerenter=${() => (this.#marked.value = i)}>
                  <td>${term.picture + 1}</td>
                  <td>${term.out.join(",")}</td>
                  <td>${term.x.toPrecision(4)}</td>
                  <td>${term.dy.toPrecision(4)}</td>
                  <td>${term.product.toPrecision(4)}</td>
                  <td>
                    <button class="plain" aria-label=${`${TEXT.showOn}: ${i + 1}`} @click=${() => this.#mark(term, i)}>${i + 1}</button>
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="number">${TEXT.others(others, rest)} ${TEXT.total} <span data-gradient="sum">${sum.toPrecision(7)}</span></p>
      <p class="quiet">${TEXT.magnitude(magnitude)} <data data-gradient="magnitude" hidden>${magnitude}</data></p>`;
  }
}
