// What the stage shows where no GPU device can be opened: why, what to do in this browser, and what the page would show.
import { html, type TemplateResult } from "lit-html";
import { TEXT } from "../text.ts";
import { browserOf, STEPS } from "./browsers.ts";
import maps from "./recorded/maps.png";

/** `reason`: the library's sentence. */
export function noDeviceView(reason: string): TemplateResult {
  const name = browserOf(navigator.userAgent);
  const { title, sentence, reasonTitle, todo, recorded, recordedAlt, local, textbook } = TEXT.noDevice;
  return html`
    <div class="no-device card">
      <h2>${title}</h2>
      <p>${sentence}</p>
      <p><a href="#/textbook">${textbook}</a></p>
      <h3>${todo(name)}</h3>
      <ol>
        ${STEPS[name].map((step) => html`<li>${step}</li>`)} ${isSecureContext ? "" : html`<li>${local}</li>`}
      </ol>
      <details>
        <summary>${reasonTitle}</summary>
        <p class="reason">${reason}</p>
      </details>
      <figure>
        <img src=${maps} alt=${recordedAlt} />
        <figcaption class="quiet">${recorded}</figcaption>
      </figure>
    </div>
  `;
}
