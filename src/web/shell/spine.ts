// The network as a list of its layers, in blocks that fold.
import { html, nothing, type TemplateResult } from "lit-html";
import type { LayerNode } from "striatum/inspect";
import type { Page } from "./page.ts";

/** The spine of the network that is open. `opened` is called when a layer is chosen. */
export function spine(page: Page, opened: () => void): TemplateResult {
  const network = page.network.value;
  if (!network) return html`<p class="quiet">…</p>`;
  const blocks = new Map<string, LayerNode[]>();
  for (const layer of network.layers) blocks.set(layer.block, [...(blocks.get(layer.block) ?? []), layer]);
  const { room, path } = page.address.value;
  const current = room === "look" ? path : "";
  return html`<ul class="blocks">
    ${[...blocks].map(([block, layers]) => {
      const has = layers.some(({ name }) => name === current);
      if (layers.length === 1) return html`<li>${link(page, layers[0], { title: block, current, opened })}</li>`;
      return html`<li>
        <details ?open=${has}>
          <summary>${block} <span class="number quiet">${layers.length}</span></summary>
          <ul>
            ${layers.map((layer) => html`<li>${link(page, layer, { title: within(layer), current, opened })}</li>`)}
          </ul>
        </details>
      </li>`;
    })}
  </ul>`;
}

/** A layer's name without its block's. */
const within = ({ name, block }: LayerNode): string => (name.startsWith(`${block}/`) ? name.slice(block.length + 1) : name);

interface Link {
  readonly title: string;
  /** Layer that the stage shows. */
  readonly current: string;
  readonly opened: () => void;
}

const link = (page: Page, { name, shape }: LayerNode, { title, current, opened }: Link): TemplateResult =>
  html`<a href=${page.link({ room: "look", path: name })} aria-current=${name === current ? "true" : nothing} @click=${opened}
    ><span>${title}</span> <span class="number quiet">${shape.slice(1).join("×")}</span></a
  >`;
