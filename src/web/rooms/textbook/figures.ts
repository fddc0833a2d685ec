// Figures of the textbook: maps that are pointed at, tables, bars, lines, windows on a row of pixels, controls.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { VIRIDIS } from "virtual:viridis";
import { place, rectangle } from "../look/place.ts";
import type { BarsFound, ControlFound, LinesFound, MapFound, TableFound, WindowsFound } from "./found.ts";
import { shownNumber } from "./prose.ts";
import { TEXT } from "./text.ts";

/** Red, green and blue from 0 to 255. */
type Colour = readonly [number, number, number];

const BLUE: Colour = [26, 107, 219];
const ORANGE: Colour = [237, 120, 13];
/** Colours of numbered groups: neighbours in number differ. */
const groupColour = (number: number): Colour => {
  const hue = (number * 0.61803398875) % 1;
  const part = (shift: number): number => Math.round(255 * (0.45 + 0.33 * Math.cos(2 * Math.PI * (hue + shift))));
  return [part(0), part(1 / 3), part(2 / 3)];
};

const mixed = (from: Colour, to: Colour, share: number): Colour =>
  from.map((part, i) => Math.round(part + (to[i] - part) * share)) as unknown as Colour;

/** Draws a map's values on a canvas of the page, with the colours that the worker draws with. */
export function drawValues(canvas: HTMLCanvasElement, { values, rows, columns, palette, most: given }: MapFound, paper: Colour): void {
  if (!values) return;
  canvas.width = columns;
  canvas.height = rows;
  const most = given ?? (values.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1);
  const pixels = new ImageData(columns, rows);
  const signed = (value: number): Colour => mixed(paper, value > 0 ? ORANGE : BLUE, Math.abs(value) / most);
  const unsigned = (value: number): Colour => {
    const at = 3 * Math.round(Math.min(1, Math.max(0, value / most)) * 255);
    return [VIRIDIS[at], VIRIDIS[at + 1], VIRIDIS[at + 2]];
  };
  for (let i = 0; i < rows * columns; i++) {
    const colour =
      palette === "filters"
        ? ([2, 1, 0].map((c) => Math.round(127.5 + (127.5 * values[3 * i + c]) / most)) as unknown as Colour)
        : i >= values.length
          ? paper
          : palette === "groups"
            ? groupColour(values[i])
            : palette === "signed"
              ? signed(values[i])
              : unsigned(values[i]);
    pixels.data.set([...colour, 255], 4 * i);
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

/** A map with its caption. `point` is called with the cell that the reader points at. */
export function mapView(
  map: MapFound,
  number: number,
  canvas: HTMLElement,
  point: (at: { readonly row: number; readonly column: number }) => void,
): TemplateResult {
  const { title, rows, columns, frame, cell, isPointed } = map;
  const marks = html`${frame ? html`<div class="textbook-frame" ${rectangle(frame, map)}></div>` : nothing}`;
  const shape = place({ aspect: `${columns} / ${rows}` });
  if (!isPointed || !cell)
    return html`<figure class="textbook-map" data-map=${number}>
      <div class="textbook-square" role="img" aria-label=${TEXT.figure(title, rows, columns)} ${shape}>
        ${canvas} ${marks} ${cell ? html`<div class="textbook-cell" ${rectangle({ ...cell, rows: 1, columns: 1 }, map)}></div>` : nothing}
      </div>
      <figcaption>${title}</figcaption>
    </figure>`;
  const pointed = ({ currentTarget, clientX, clientY }: MouseEvent): void => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    const along = (share: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    point({ row: along((clientY - top) / height, rows), column: along((clientX - left) / width, columns) });
  };
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const within = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));
    point({ row: within(cell.row + by[0], rows), column: within(cell.column + by[1], columns) });
  };
  return html`<figure class="textbook-map" data-map=${number}>
    <div
      class="textbook-square textbook-pointed"
      role="grid"
      tabindex="0"
      aria-label=${TEXT.grid(title)}
      aria-rowcount=${rows}
      aria-colcount=${columns}
      aria-activedescendant="textbook-cell"
      @pointermove=${(event: PointerEvent) => event.pointerType !== "touch" && pointed(event)}
      @click=${pointed}
      @keydown=${move}
      ${shape}
    >
      ${canvas} ${marks}
      <div role="row" aria-rowindex=${cell.row + 1}>
        <div
          role="gridcell"
          id="textbook-cell"
          class="textbook-cell"
          aria-colindex=${cell.column + 1}
          aria-label=${TEXT.cell(cell.row, cell.column)}
          ${rectangle({ ...cell, rows: 1, columns: 1 }, map)}
        ></div>
      </div>
    </div>
    <figcaption>${title}</figcaption>
  </figure>`;
}

export const tableView = ({ caption, head, rows }: TableFound): TemplateResult =>
  html`<div class="textbook-scroll" role="region" tabindex="0" aria-label=${TEXT.table(caption)}>
    <table class="textbook-table">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ cells: [first, ...others], isMarked = false }) =>
            html`<tr class=${isMarked ? "textbook-marked" : ""}>
              <th scope="row">${typeof first === "number" ? shownNumber(first) : first}</th>
              ${others.map((cell) => html`<td class="number">${typeof cell === "number" ? shownNumber(cell) : cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

export const barsView = ({ title, bars }: BarsFound): TemplateResult =>
  html`<figure class="textbook-bars">
    <figcaption>${title}</figcaption>
    <ol class="bars">
      ${bars.map(
        ({ label, value, text }) =>
          html`<li>
            <span class="bar-label">${label}</span>
            <meter min="0" max="1" .value=${value} aria-label=${label}></meter>
            <span class="number">${text}</span>
          </li>`,
      )}
    </ol>
  </figure>`;

const WIDTH = 520;
const HEIGHT = 260;
const EDGE = { left: 44, right: 12, top: 10, bottom: 36 } as const;

export function linesView({ title, xLabel, yLabel, x, y, lines }: LinesFound): TemplateResult {
  const across = (value: number): number => EDGE.left + ((value - x[0]) / (x[1] - x[0])) * (WIDTH - EDGE.left - EDGE.right);
  const down = (value: number): number => HEIGHT - EDGE.bottom - ((value - y[0]) / (y[1] - y[0])) * (HEIGHT - EDGE.top - EDGE.bottom);
  const within = (value: number, [least, most]: readonly [number, number]): number => Math.min(most, Math.max(least, value));
  const path = (points: LinesFound["lines"][number]["points"]): string =>
    points.map(([a, b]) => `${across(within(a, x)).toFixed(1)},${down(within(b, y)).toFixed(1)}`).join(" ");
  const shown = lines.filter(({ kind }) => kind !== "ground");
  return html`<figure class="textbook-lines">
    <figcaption>${title}</figcaption>
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${`${title}: ${shown.map(({ name }) => name).join(", ")}`}>
      ${svg`<rect class="textbook-axes" x=${EDGE.left} y=${EDGE.top} width=${WIDTH - EDGE.left - EDGE.right} height=${HEIGHT - EDGE.top - EDGE.bottom} />
        ${lines.map(({ kind, points }) => svg`<polyline class=${`textbook-line-${kind}`} points=${path(points)} />`)}
        ${x.map((value, i) => svg`<text class="textbook-tick" x=${across(value)} y=${HEIGHT - 20} text-anchor=${i === 0 ? "start" : "end"}>${shownNumber(value)}</text>`)}
        ${y.map((value, i) => svg`<text class="textbook-tick" x=${EDGE.left - 6} y=${down(value) + (i === 0 ? 0 : 8)} text-anchor="end">${shownNumber(value)}</text>`)}
        <text class="textbook-tick" x=${(EDGE.left + WIDTH - EDGE.right) / 2} y=${HEIGHT - 6} text-anchor="middle">${xLabel}</text>
        <text class="textbook-tick" transform=${`rotate(-90) translate(${-HEIGHT / 2} 14)`} text-anchor="middle">${yLabel}</text>`}
    </svg>
    <p class="textbook-legend">${shown.map(({ name, kind }) => html`<span class=${`textbook-key-${kind}`}>${name}</span> `)}</p>
    <details>
      <summary>${TEXT.numbers}</summary>
      <div class="textbook-scroll" role="region" tabindex="0" aria-label=${TEXT.table(title)}>
        <table class="textbook-table">
          <thead>
            <tr>
              <th scope="col">${TEXT.line}</th>
              <th scope="col">${xLabel}</th>
              <th scope="col">${yLabel}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.flatMap(({ name, points }) =>
              points.map(
                ([a, b]) =>
                  html`<tr>
                    <th scope="row">${name}</th>
                    <td class="number">${shownNumber(a)}</td>
                    <td class="number">${shownNumber(b)}</td>
                  </tr>`,
              ),
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}

const PIXEL = 16;

export function windowsView({ title, extent, size, stride, pad, count }: WindowsFound): TemplateResult {
  const width = (extent + 2 * pad) * PIXEL;
  const lanes = Math.min(count, Math.ceil(size / stride));
  const height = PIXEL + 6 + lanes * 9;
  return html`<figure class="textbook-windows">
    <figcaption>${title}</figcaption>
    <svg viewBox=${`-1 -1 ${width + 2} ${height + 2}`} role="img" aria-label=${TEXT.windowsOf(count, extent)}>
      ${svg`<defs><pattern id="textbook-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="textbook-hatch" x1="0" y1="0" x2="0" y2="6" /></pattern></defs>
        ${Array.from({ length: extent + 2 * pad }, (_, i) => svg`<rect class="textbook-pixel" fill=${i < pad || i >= extent + pad ? "url(#textbook-hatch)" : "none"} x=${i * PIXEL} y="0" width=${PIXEL} height=${PIXEL} />`)}
        ${Array.from({ length: count }, (_, i) => svg`<rect class=${`textbook-window-${i % 2}`} x=${i * stride * PIXEL + 2} y=${PIXEL + 6 + (i % lanes) * 9} width=${size * PIXEL - 4} height="6" />`)}`}
    </svg>
    <p class="quiet">${TEXT.windowsOf(count, extent)}</p>
  </figure>`;
}

export function controlsView(controls: readonly ControlFound[], change: (control: ControlFound, value: string) => void): TemplateResult {
  return html`<fieldset class="textbook-controls">
    <legend>${TEXT.change}</legend>
    ${controls.map((control) =>
      control.kind === "number"
        ? html`<label class="field"
            ><span>${control.label}</span>
            <input
              type="number"
              name=${control.key}
              min=${control.least}
              max=${control.most}
              step=${control.step}
              .value=${String(control.value)}
              @change=${(event: Event) => change(control, (event.target as HTMLInputElement).value)}
          /></label>`
        : html`<label class="field"
            ><span>${control.label}</span>
            <select name=${control.key} @change=${(event: Event) => change(control, (event.target as HTMLSelectElement).value)}>
              ${control.options.map(({ value, text }) => html`<option value=${value} ?selected=${value === control.value}>${text}</option>`)}
            </select></label
          >`,
    )}
  </fieldset>`;
}
