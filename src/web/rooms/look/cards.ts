// What can be done with a channel: silence it, find the pictures that excite it, and see what the answer rests on.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Page } from "../../shell/page.ts";
import { TEXT } from "./text.ts";
import { keysOf, shown, type View } from "./view.ts";
import type { ExcitingShown } from "./questions.ts";
import type { ClassChange } from "./worker-part.ts";

/** A picture that excites, with the part of it that matters. */
export interface Crop {
  readonly found: ExcitingShown["found"][number];
  readonly canvas: HTMLCanvasElement;
}

export interface CardsShown {
  readonly view: View;
  readonly classes: readonly ClassChange[];
  /** The convolution or inner product whose channel is silenced; null where there is none. */
  readonly silenceable: string | null;
  readonly exciting: { readonly pictures: number; readonly crops: readonly Crop[] } | null;
  readonly explained: readonly { readonly text: string; readonly canvas: HTMLCanvasElement }[];
}

export interface CardsActions {
  readonly lookThrough: () => void;
  readonly explain: (method: "grad-cam" | "occlusion") => void;
}

export const cards = (page: Page, shownCards: CardsShown, actions: CardsActions): TemplateResult =>
  html`<div class="look-cards">${silence(page, shownCards)} ${exciting(page, shownCards, actions)} ${why(shownCards, actions)}</div>`;

function silence(page: Page, { view, classes, silenceable }: CardsShown): TemplateResult {
  const { channel, off } = view;
  const isOff = off.some((each) => each.layer === silenceable && each.channel === channel);
  const set = (next: View["off"]) => () => page.go({ keys: keysOf({ off: next }) });
  return html`<section class="card">
    <h3>${TEXT.classes}</h3>
    <table class="look-terms look-classes">
      <thead>
        <tr>
          <th scope="col">${TEXT.class}</th>
          <th scope="col" class="look-right">${TEXT.before}</th>
          <th scope="col" class="look-right">${TEXT.after}</th>
        </tr>
      </thead>
      <tbody>
        ${classes.map(
          ({ label, before, after }) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td class="number look-right">${shown(before, 3)}</td>
              <td class="number look-right">
                ${off.length > 0 ? `${shown(after, 3)} ${after > before ? "▲" : after < before ? "▼" : ""}` : ""}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    <button ?disabled=${silenceable === null || isOff} @click=${set([...off, { layer: silenceable ?? "", channel }])}>
      ${TEXT.silence}
    </button>
    <ul class="look-off">
      ${off.map(
        (each) =>
          html`<li>
            <button @click=${set(off.filter((other) => other !== each))}>${TEXT.hear(each.layer, each.channel)}</button>
          </li>`,
      )}
    </ul>
    <p class="quiet">${silenceable === null ? TEXT.cannotSilence : TEXT.canSilence}</p>
  </section>`;
}

function exciting(page: Page, { exciting: found }: CardsShown, { lookThrough }: CardsActions): TemplateResult {
  const count = page.pictures.value.length;
  return html`<section class="card">
    <h3>${TEXT.exciting}</h3>
    ${
      found
        ? html`<ol class="look-crops">
              ${found.crops.map(
                ({ found: { id, name, value, row, column }, canvas }) =>
                  html`<li>
                    <a href=${page.link({ keys: { pic: id, ...keysOf({ pinned: { row, column } }) } })}>${canvas}<span>${name}</span></a>
                    <span class="number">${shown(value, 3)}</span>
                  </li>`,
              )}
            </ol>
            <p class="quiet">${TEXT.ofPictures(found.pictures)}</p>`
        : html`<button ?disabled=${count === 0} @click=${lookThrough}>${TEXT.lookFor(count)}</button>`
    }
  </section>`;
}

function why({ view, explained }: CardsShown, { explain }: CardsActions): TemplateResult {
  const hasMaps = view.layer.shape.length === 4;
  return html`<section class="card">
    <h3>${TEXT.why}</h3>
    <p class="look-buttons">
      <button ?disabled=${!hasMaps || view.layer.op === "cropImages"} @click=${() => explain("grad-cam")}>
        ${TEXT.gradCam(view.layer.name)}
      </button>
      <button @click=${() => explain("occlusion")}>${TEXT.occlusion}</button>
    </p>
    ${
      explained.length > 0
        ? html`<div class="look-why">
            ${explained.map(
              ({ text, canvas }) =>
                html`<figure>
                  ${canvas}
                  <figcaption>${text}</figcaption>
                </figure>`,
            )}
          </div>`
        : nothing
    }
  </section>`;
}
