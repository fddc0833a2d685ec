// The stage of Look: the layer's line, the picture and the map that is open, all maps.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Frame } from "striatum/inspect";
import type { Target } from "striatum";
import type { Page } from "../../shell/page.ts";
import { described } from "./numbers.ts";
import { place, rectangle } from "./place.ts";
import { TEXT } from "./text.ts";
import { extentsOf, keysOf, SCALES, shown, TABS, type Tab, type View } from "./view.ts";
import type { At } from "./subject.ts";
import type { ElementShown, Shown } from "./worker-part.ts";

/** Maps on the canvas of all maps: how they lie, in pixels of the page. */
export interface Cells {
  readonly count: number;
  readonly columns: number;
  readonly side: number;
  readonly gap: number;
}

export interface StageShown {
  readonly view: View;
  readonly shown: Shown | null;
  readonly at: At;
  readonly element: ElementShown | null;
  readonly cells: Cells;
  readonly behind: boolean;
  /** Canvases: of the page's thread the picture, twice; of the worker the others. */
  readonly canvases: {
    readonly picture: HTMLElement;
    readonly behind: HTMLElement;
    readonly large: HTMLElement;
    readonly other: HTMLElement;
    readonly all: HTMLElement;
    /** An empty element as wide as what holds all maps. */
    readonly measure: HTMLElement;
  };
}

export interface StageActions {
  readonly hover: (at: At | null) => void;
  readonly choose: (at: At) => void;
  readonly step: (layers: number) => void;
  readonly toggleBehind: () => void;
}

/** The line of a layer, and what is shown of it. */
export function controls(page: Page, { view, shown: found, at, behind }: StageShown, { step, toggleBehind }: StageActions): TemplateResult {
  const { layer, tab, scale } = view;
  const { channels, rows, columns } = extentsOf(layer);
  const isMap = layer.shape.length === 4;
  return html`
    <div class="look-line-of-layer">
      <button @click=${() => step(-1)} aria-label=${TEXT.previous}>[</button>
      <h2>${layer.name}</h2>
      <button @click=${() => step(1)} aria-label=${TEXT.next}>]</button>
      <span class="quiet">${described(layer)}; ${isMap ? `${TEXT.maps(channels)}, ${rows} × ${columns}` : TEXT.features(channels)}</span>
    </div>
    <div class="look-controls">
      <div class="look-tabs" role="tablist" aria-label=${TEXT.tabsOf} @keydown=${moveTab(page, tab)}>
        ${TABS.map(
          (name) =>
            html`<button
              role="tab"
              id=${`look-tab-${name}`}
              aria-selected=${name === tab}
              aria-controls="look-panel"
              tabindex=${name === tab ? 0 : -1}
              @click=${() => page.go({ keys: keysOf({ tab: name }) })}
            >
              ${TEXT.tabs[name]}
            </button>`,
        )}
      </div>
      <label class="field"
        ><span>${TEXT.scale}</span>
        <select
          ?disabled=${tab === "filter"}
          @change=${(event: Event) => page.go({ keys: keysOf({ scale: (event.target as HTMLSelectElement).value as View["scale"] }) })}
        >
          ${SCALES.map((name) => html`<option value=${name} ?selected=${name === scale}>${TEXT.scales[name]}</option>`)}
        </select></label
      >
      ${legend(found?.legend ?? null)}
      <label class="field"><input type="checkbox" .checked=${behind} @change=${toggleBehind} /> <span>${TEXT.behind}</span></label>
      ${target(page, view, found, at)} ${versus(page, view)}
    </div>
  `;
}

const moveTab = (page: Page, tab: Tab) => (event: KeyboardEvent) => {
  const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (move === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const next = TABS[(TABS.indexOf(tab) + move + TABS.length) % TABS.length];
  page.go({ keys: keysOf({ tab: next }) });
  document.querySelector<HTMLElement>(`#look-tab-${next}`)?.focus();
};

const legend = (found: Shown["legend"]): TemplateResult => {
  const size = found ? Math.max(Math.abs(found.least), Math.abs(found.most)) : NaN;
  const ends = found?.signed ? [-size, size] : [Math.min(found?.least ?? NaN, 0), found?.most ?? NaN];
  return html`<span class="look-legend" data-known=${found !== null}>
    <span class="number">${found ? shown(ends[0], 3) : "…"}</span>
    <span class="look-colours" data-signed=${found?.signed ?? false}></span>
    <span class="number">${found ? shown(ends[1], 3) : "…"}</span>
  </span>`;
};

/** Choice of what gradients are of. */
function target(page: Page, view: View, found: Shown | null, { channel, row, column }: At): TemplateResult | typeof nothing {
  if (view.tab !== "gradient" && view.versus !== "gradient") return nothing;
  const labels = page.network.value?.labels ?? [];
  const of = view.of ?? found?.of ?? null;
  const kind = view.of === null ? "likeliest" : "layer" in view.of ? "neuron" : "loss" in view.of ? "loss" : "class";
  const label = of && "loss" in of ? of.loss : of && "class" in of ? of.class : 0;
  const go = (next: Target | null): void => page.go({ keys: keysOf({ of: next }) });
  const chosen: Readonly<Record<string, () => Target | null>> = {
    likeliest: () => null,
    class: () => ({ class: label }),
    loss: () => ({ loss: label }),
    neuron: () => ({ layer: view.layer.name, channel, row, column }),
  };
  return html`<span class="field">
    <label
      ><span>${TEXT.of}</span>
      <select @change=${(event: Event) => go(chosen[(event.target as HTMLSelectElement).value]())}>
        <option value="likeliest" ?selected=${kind === "likeliest"}>${TEXT.ofClass} ${TEXT.likeliest}</option>
        <option value="class" ?selected=${kind === "class"}>${TEXT.ofClass}</option>
        <option value="loss" ?selected=${kind === "loss"}>${TEXT.ofLoss}</option>
        <option value="neuron" ?selected=${kind === "neuron"}>${TEXT.ofNeuron}</option>
      </select></label
    >
    ${
      kind === "neuron"
        ? html`<span class="number">${neuronText(of)}</span>`
        : html`<select
            aria-label=${TEXT.likeliest}
            @change=${(event: Event) => {
              const index = Number((event.target as HTMLSelectElement).value);
              go(kind === "loss" ? { loss: index } : { class: index });
            }}
          >
            ${labels.map((name, i) => html`<option value=${i} ?selected=${i === label}>${name}</option>`)}
          </select>`
    }
  </span>`;
}

const neuronText = (of: Target | null): string =>
  of && "layer" in of ? TEXT.neuron(of.layer, `${of.channel}, ${of.row ?? 0}, ${of.column ?? 0}`) : "";

function versus(page: Page, view: View): TemplateResult | typeof nothing {
  if (view.tab === "filter") return nothing;
  const partner = view.tab === "gradient" ? "activation" : "gradient";
  const value = view.versus === null ? "" : typeof view.versus === "string" ? view.versus : `pic:${view.versus.picture}`;
  const pictures = view.tab === "gradient" ? [] : page.pictures.value.filter(({ id }) => id !== page.picture.value);
  return html`<label class="field"
    ><span>${TEXT.compare}</span>
    <select @change=${(event: Event) => page.go({ keys: { vs: (event.target as HTMLSelectElement).value } })}>
      <option value="" ?selected=${value === ""}>${TEXT.nothing}</option>
      <option value=${partner} ?selected=${value === partner}>${TEXT.other[partner]}</option>
      ${pictures.map(({ id, name }) => html`<option value=${`pic:${id}`} ?selected=${value === `pic:${id}`}>${name}</option>`)}
    </select></label
  >`;
}

/** The picture with the field of the pixel, the map that is open, and what it is compared with. */
export function squares(stage: StageShown, actions: StageActions): TemplateResult {
  const { view, shown: found, at, element, behind, canvases } = stage;
  const filter = found?.filter ?? null;
  const map = filter ? { channels: filter.inputs, rows: filter.rows, columns: filter.columns } : extentsOf(view.layer);
  const isFilter = view.tab === "filter";
  const title = !isFilter ? TEXT.map(view.channel) : filter?.inColour ? TEXT.filter(view.channel) : TEXT.strongest;
  const largeChannel = isFilter ? (filter?.inColour ? view.channel : (filter?.norms[0]?.input ?? at.channel)) : view.channel;
  return html`<div class="look-squares">
    <figure class="card">
      <figcaption>${TEXT.seen}</figcaption>
      <div class="look-square look-picture">
        ${frame(element?.terms?.frame ?? null, found?.seen.size ?? 1, "look-padding")} ${canvases.picture}
        ${frame(element?.terms?.frame ?? null, found?.seen.size ?? 1, "look-frame")}
      </div>
      <p class="quiet look-note">${fieldText(element)}</p>
    </figure>
    <figure class="card">
      <figcaption>${title}</figcaption>
      ${proxy(canvases.large, stage, actions, { map, channel: largeChannel, back: behind && !isFilter && map.rows * map.columns > 1 ? canvases.behind : null, main: true })}
      <p class="look-readout" data-read=${element ? element.value : ""}>${readout(element)}</p>
    </figure>
    ${
      view.versus
        ? html`<figure class="card">
            <figcaption>${typeof view.versus === "string" ? TEXT.other[view.versus] : view.versus.picture}</figcaption>
            ${proxy(canvases.other, stage, actions, { map, channel: view.channel, back: null, main: false })}
            <p class="look-readout number">${element?.other === null || element === null ? "…" : shown(element.other, 8)}</p>
          </figure>`
        : html`<div hidden>${canvases.other}</div>`
    }
  </div>`;
}

const readout = (element: ElementShown | null): TemplateResult =>
  element
    ? html`<span>${TEXT.cell(element.at.channel, element.at.row, element.at.column)}</span>
        <span class="number">${shown(element.value, 6)}</span>`
    : html`…`;

function fieldText(element: ElementShown | null): string {
  const { frame: field = null } = element?.terms ?? {};
  if (!element?.terms) return "";
  return field ? TEXT.field(field.rows, field.columns) : TEXT.noField;
}

const frame = (field: Frame | null, size: number, kind: string): TemplateResult | typeof nothing =>
  field ? html`<div class=${kind} ${rectangle(field, { rows: size, columns: size })}></div>` : nothing;

interface ProxyShown {
  readonly map: { readonly rows: number; readonly columns: number };
  readonly channel: number;
  readonly back: HTMLElement | null;
  readonly main: boolean;
}

/** One element that stands for a map's canvas: pointer and arrows move its cell. */
function proxy(
  canvas: HTMLElement,
  { view, at }: StageShown,
  { hover, choose }: StageActions,
  { map, channel, back, main }: ProxyShown,
): TemplateResult {
  const { rows, columns } = map;
  const [row, column] = [Math.min(at.row, rows - 1), Math.min(at.column, columns - 1)];
  const pointed = ({ currentTarget, clientX, clientY }: PointerEvent | MouseEvent): At => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    const along = (share: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return { channel, row: along((clientY - top) / height, rows), column: along((clientX - left) / width, columns) };
  };
  return html`<div
    class="look-square look-map"
    data-behind=${back !== null}
    data-pinned=${view.pinned !== null}
    role="grid"
    tabindex="0"
    aria-label=${TEXT.grid(view.layer.name, channel)}
    aria-rowcount=${rows}
    aria-colcount=${columns}
    aria-activedescendant=${main ? "look-cell" : "look-other-cell"}
    @pointermove=${(event: PointerEvent) => event.pointerType !== "touch" && hover(pointed(event))}
    @click=${(event: MouseEvent) => choose(pointed(event))}
  >
    ${back ?? nothing} ${canvas}
    <div role="row" aria-rowindex=${row + 1}>
      <div
        role="gridcell"
        id=${main ? "look-cell" : "look-other-cell"}
        class="look-cell"
        aria-colindex=${column + 1}
        aria-label=${TEXT.cell(channel, row, column)}
        ${rectangle({ row, column, rows: 1, columns: 1 }, map)}
      ></div>
    </div>
  </div>`;
}

/** All maps of the layer, or all slices of a filter. */
export function all(page: Page, stage: StageShown, { hover, choose }: StageActions): TemplateResult {
  const { view, shown: found, at, cells, canvases } = stage;
  const { count, columns, side } = cells;
  const filter = view.tab === "filter" ? (found?.filter ?? null) : null;
  const map = filter ?? extentsOf(view.layer);
  const isFilterOfInputs = filter !== null && !filter.inColour;
  const chosen = isFilterOfInputs ? at.channel : view.channel;
  const pointed = ({ currentTarget, clientX, clientY }: PointerEvent | MouseEvent): At | null => {
    const { left, top } = (currentTarget as HTMLElement).getBoundingClientRect();
    const [x, y] = [(clientX - left) / side, (clientY - top) / side];
    const channel = Math.floor(y) * columns + Math.floor(x);
    if (channel >= count || Math.floor(x) >= columns) return null;
    const along = (place: number, extent: number): number => Math.min(extent - 1, Math.floor((place % 1) * extent));
    return { channel, row: along(y, map.rows), column: along(x, map.columns) };
  };
  const arrows = (event: KeyboardEvent): void => {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (move === undefined || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = chosen + move;
    if (next >= 0 && next < count) page.go({ keys: keysOf({ channel: next, pinned: null }) }, { replace: true });
  };
  const [row, column] = [Math.floor(chosen / columns), chosen % columns];
  return html`<section class="card look-all">
    <h3>${filter ? (filter.inColour ? TEXT.filters : TEXT.inputs(view.channel)) : TEXT.all}</h3>
    ${canvases.measure} ${view.tab === "filter" && found && !filter ? html`<p>${TEXT.noFilter}</p>` : nothing}
    ${found && found.id === null && !filter ? html`<p>${TEXT.noGradient}</p>` : nothing}
    <div
      class="look-maps"
      role="grid"
      tabindex="0"
      aria-label=${TEXT.gridOfMaps(view.layer.name)}
      aria-rowcount=${Math.ceil(count / columns)}
      aria-colcount=${columns}
      aria-activedescendant="look-chosen"
      ${place({ columns, rows: Math.ceil(count / columns), side: `${side}px` })}
      @keydown=${arrows}
      @pointermove=${(event: PointerEvent) => {
        const hovered = pointed(event);
        if (hovered && event.pointerType !== "touch") hover(hovered);
      }}
      @click=${(event: MouseEvent) => {
        const clicked = pointed(event);
        if (!clicked) return;
        if (isFilterOfInputs) choose(clicked);
        else page.go({ keys: keysOf({ channel: clicked.channel, pinned: null }) });
      }}
    >
      ${canvases.all}
      <div role="row" aria-rowindex=${row + 1}>
        <div
          role="gridcell"
          id="look-chosen"
          class="look-chosen"
          aria-colindex=${column + 1}
          aria-label=${TEXT.map(chosen)}
          aria-selected="true"
          ${place({ row, column })}
        ></div>
      </div>
    </div>
    ${filter && !filter.inColour && filter.norms.length > 0 ? norms(filter) : nothing}
  </section>`;
}

const norms = ({ norms: found }: NonNullable<Shown["filter"]>): TemplateResult =>
  html`<details class="look-norms">
    <summary>${TEXT.norms}</summary>
    <table class="look-terms">
      <thead>
        <tr>
          <th scope="col">${TEXT.input}</th>
          <th scope="col" class="look-right">${TEXT.norm}</th>
        </tr>
      </thead>
      <tbody>
        ${found.map(
          ({ input, norm }) =>
            html`<tr>
              <th scope="row">${input}</th>
              <td class="number look-right">${shown(norm)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
