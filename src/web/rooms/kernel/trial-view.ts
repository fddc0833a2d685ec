// What became of a kernel that was tried: messages, verdict, where it is wrong, how fast it is.
import { effect, signal, untracked } from "@preact/signals-core";
import type { KernelMessage, KernelTrial } from "striatum/inspect";
import { html, nothing, type TemplateResult } from "lit-html";
import { paper, shownTheme } from "../../shell/theme.ts";
import { dimmed, MapView, type Colour } from "./map-view.ts";
import { duration, shown, TEXT } from "./text.ts";

const RIGHT: Colour = [38, 104, 196];
const WRONG: Colour = [230, 110, 20];
const BROKEN: Colour = [150, 20, 20];

export class TrialView {
  readonly trial = signal<KernelTrial | null>(null);
  readonly #chosen = signal(0);
  readonly #map = new MapView();
  readonly #stop: () => void;
  readonly #goTo: (message: KernelMessage) => void;

  /** goTo: shows a message's place in the text. */
  constructor(goTo: (message: KernelMessage) => void) {
    this.#goTo = goTo;
    this.#stop = effect(() => {
      const verdict = this.trial.value?.verdict;
      const output = verdict?.outputs[this.#chosen.value];
      void shownTheme.value;
      if (verdict && output) untracked(() => this.#show(verdict, output));
    });
  }

  set(trial: KernelTrial | null): void {
    this.#chosen.value = 0;
    this.trial.value = trial;
  }

  view(): TemplateResult {
    const trial = this.trial.value;
    if (!trial) return html`${nothing}`;
    const { right, faults, messages, verdict, times } = trial;
    return html`
      <p class="verdict" data-right=${right}>
        <strong>${right ? TEXT.right : TEXT.wrong}</strong> ${faults.join(" ")}
        ${times && right ? html`<span>${duration(times.milliseconds)}: ${TEXT.faster(times.original / times.milliseconds)}.</span>` : nothing}
      </p>
      ${
        messages.length > 0
          ? html`<ul class="compiler" role="list">
              ${messages.map((message) => this.#message(message))}
            </ul>`
          : nothing
      }
      ${verdict ? this.#verdict(verdict) : nothing}
    `;
  }

  dispose(): void {
    this.#stop();
    this.#map.dispose();
  }

  #message(message: KernelMessage): TemplateResult {
    const { severity, message: words, line, column, origin } = message;
    const place = line > 0 ? html`<button class="plain" @click=${() => this.#goTo(message)}>${TEXT.line(line, column)}</button>` : nothing;
    const from = line > 0 ? html`<span class="quiet">${origin ? `${origin.file}:${origin.line}` : TEXT.newLine}</span>` : nothing;
    return html`<li data-severity=${severity}>${severity} ${place} ${from} <code>${words}</code></li>`;
  }

  #verdict({ worst, outputs }: NonNullable<KernelTrial["verdict"]>): TemplateResult {
    return html`
      <table class="worst">
        <caption>
          ${TEXT.worstAt}: ${worst.value} [${worst.position.join(", ")}]
        </caption>
        <thead>
          <tr>
            ${[TEXT.found, TEXT.exact, TEXT.error, TEXT.bound].map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          <tr>
            ${[shown(worst.found), shown(worst.exact), worst.error.toExponential(2), worst.bound.toExponential(2)].map(
              (value) => html`<td class="number">${value}</td>`,
            )}
          </tr>
        </tbody>
      </table>
      ${
        outputs.length > 1
          ? html`<label class="field"
              >${TEXT.output}
              <select @change=${(event: Event) => (this.#chosen.value = Number((event.target as HTMLSelectElement).value))}>
                ${outputs.map(({ value }, i) => html`<option value=${i} ?selected=${i === this.#chosen.value}>${value}</option>`)}
              </select>
            </label>`
          : nothing
      }
      ${this.#map.view()}
    `;
  }

  #show({ worst }: NonNullable<KernelTrial["verdict"]>, output: NonNullable<KernelTrial["verdict"]>["outputs"][number]): void {
    const { shape, found, exact, ratios } = output;
    const ground = paper().map((part) => Math.round(part * 255)) as unknown as Colour;
    const calm = dimmed(RIGHT, ground);
    this.#map.show({
      label: TEXT.errorMap,
      shape,
      ...(worst.value === output.value && { start: worst.index }),
      colourOf: (index) => (!Number.isFinite(found[index]) && Number.isFinite(exact[index]) ? BROKEN : ratios[index] > 1 ? WRONG : calm),
      words: (index) => {
        const state = ratios[index] <= 1 ? TEXT.elementRight : Number.isFinite(found[index]) ? TEXT.elementWrong : TEXT.notANumber;
        return `${state}; ${TEXT.found} ${shown(found[index])}, ${TEXT.exact} ${shown(exact[index])}`;
      },
    });
  }
}
