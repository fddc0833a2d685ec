// Search: layers and rooms by a part of their names.
import { signal } from "@preact/signals-core";
import { html, type TemplateResult } from "lit-html";
import { ROOMS } from "../rooms/rooms.ts";
import { TEXT } from "../text.ts";
import type { Page } from "./page.ts";

const MOST = 30;
const wanted = signal("");

/** The content of the search dialog. Enter opens the first that is found. */
export function searchView(page: Page, close: () => void): TemplateResult {
  const text = wanted.value.toLowerCase();
  const rooms = Object.entries(ROOMS).map(([name, { title, does }]) => ({ title, note: does, href: page.link({ room: name, path: "" }) }));
  const layers = (page.network.value?.layers ?? []).map(({ name, op }) => ({
    title: name,
    note: op,
    href: page.link({ room: "look", path: name }),
  }));
  const found = [...rooms, ...layers].filter(({ title }) => title.toLowerCase().includes(text)).slice(0, MOST);
  const open = (event: SubmitEvent): void => {
    event.preventDefault();
    if (found.length === 0) return;
    location.hash = found[0].href;
    close();
  };
  return html`
    <form @submit=${open}>
      <input
        type="search"
        aria-label=${TEXT.search}
        placeholder=${TEXT.searchHint}
        .value=${wanted.value}
        @input=${(event: InputEvent) => (wanted.value = (event.target as HTMLInputElement).value)}
      />
    </form>
    <ul class="found" role="list">
      ${found.map(
        ({ title, note, href }) =>
          html`<li>
            <a href=${href} @click=${close}>${title} <span class="quiet">${note}</span></a>
          </li>`,
      )}
    </ul>
    ${found.length === 0 ? html`<p class="quiet">${TEXT.nothingFound}</p>` : ""}
  `;
}
