// What can be changed in Learn: things to break, and all settings.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Run } from "./runs.ts";
import type { Learning } from "./session.ts";
import { DATA, shortNumber, STARTS, type Settings } from "./settings.ts";
import { BREAKS, TEXT } from "./text.ts";

export function breaks(learning: Learning, run: Run): TemplateResult {
  const shown = BREAKS.filter(({ only }) => only === undefined || only === run.settings.net);
  const current = { ...run.settings, rate: learning.rate() };
  return html`<section class="card learn-breaks">
    <h2>${TEXT.break}</h2>
    <p class="quiet">${TEXT.breakNote}</p>
    <ul>
      ${shown.map(
        ({ name, change, isOn, forecast }) =>
          html`<li>
            <strong>${name}</strong>
            <button ?disabled=${isOn(current)} aria-label=${`${TEXT.tryIt}: ${name}`} @click=${() => learning.change(change(current))}>
              ${TEXT.tryIt}
            </button>
            <details>
              <summary>${TEXT.forecast}<span class="learn-hidden">: ${name}</span></summary>
              <p>${forecast}</p>
            </details>
          </li>`,
      )}
    </ul>
  </section>`;
}

export function settings(learning: Learning, { settings: shown }: Run, chooseFolder: (files: FileList | null) => void): TemplateResult {
  const number = (key: keyof Settings, label: string, value: number, options: { readonly step?: string; readonly min?: number } = {}) =>
    html`<label class="field"
      ><span>${label}</span
      ><input
        type="number"
        step=${options.step ?? "1"}
        min=${options.min ?? 0}
        .value=${live(shortNumber(value))}
        @change=${(event: Event) => {
          const entered = Number((event.target as HTMLInputElement).value);
          if (Number.isFinite(entered)) learning.change({ [key]: entered });
        }}
    /></label>`;
  const choice = <T extends string | number>(
    label: string,
    value: T,
    options: readonly (readonly [T, string])[],
    take: (chosen: T) => void,
  ) =>
    html`<label class="field"
      ><span>${label}</span
      ><select
        @change=${(event: Event) => {
          const { selectedIndex } = event.target as HTMLSelectElement;
          take(options[selectedIndex][0]);
        }}
      >
        ${options.map(([each, name]) => html`<option ?selected=${each === value}>${name}</option>`)}
      </select></label
    >`;
  const own = learning.own.value;
  return html`<section class="card learn-settings">
    <h2>${TEXT.settings}</h2>
    <p class="quiet">${TEXT.settingsNote} ${TEXT.bits}</p>
    <div class="learn-fields">
      ${choice(
        TEXT.network,
        shown.net,
        [
          ["alexnet", "AlexNet"],
          ["googlenet", "GoogLeNet"],
        ],
        (net) => learning.change({ net }),
      )}
      ${choice(
        TEXT.channels,
        shown.width,
        [8, 4, 2, 1].map((width) => [width, TEXT.share(width)] as const),
        (width) => learning.change({ width }),
      )}
      ${number("size", TEXT.side, shown.size, { min: 64 })}
      ${choice(
        TEXT.data,
        shown.data,
        DATA.map((data) => [data, TEXT.dataNames[data]] as const),
        (data) => learning.change({ data }),
      )}
      ${shown.data === "fractals" ? number("categories", TEXT.categories, shown.categories, { min: 2 }) : nothing}
      ${shown.data === "phantoms" ? number("cases", TEXT.cases, shown.cases, { min: 6 }) : nothing}
      ${number("batch", TEXT.batchSize, shown.batch, { min: 1 })} ${number("rate", TEXT.rate, learning.rate(), { step: "any" })}
      ${number("momentum", TEXT.momentum, shown.momentum, { step: "any" })} ${number("decay", TEXT.decay, shown.decay, { step: "any" })}
      ${shown.net === "googlenet" ? number("auxiliary", TEXT.auxiliary, shown.auxiliary, { step: "any" }) : nothing}
      ${choice(
        TEXT.start,
        shown.start,
        STARTS.map((start) => [start, TEXT.starts[start]] as const),
        (start) => learning.change({ start }),
      )}
      <label class="field"
        ><span>${TEXT.off}</span
        ><input
          type="text"
          placeholder=${TEXT.offParts}
          .value=${live(shown.off.join(","))}
          @change=${(event: Event) =>
            learning.change({ off: (event.target as HTMLInputElement).value.split(/[,\s]+/).filter((name) => name !== "") })}
      /></label>
      ${number("seed", TEXT.seed, shown.seed)}
      <button @click=${() => learning.change({ seed: Math.floor(1 + Math.random() * 9999) })}>${TEXT.dice}</button>
    </div>
    <p class="learn-own">
      <label class="button"
        >${TEXT.ownFolder}<input
          class="file learn-folder"
          type="file"
          multiple
          webkitdirectory
          @change=${(event: Event) => chooseFolder((event.target as HTMLInputElement).files)}
      /></label>
      <span class="quiet">${own.length > 0 ? TEXT.ownTaken(own.length, new Set(own.map(({ folder }) => folder)).size) : TEXT.ownNote}</span>
    </p>
  </section>`;
}
