// A tensor as a map of coloured cells: hover, tap or arrow keys say what a cell is.
import { signal } from "@preact/signals-core";
import { html, type TemplateResult } from "lit-html";
import { mapLayout, type MapLayout } from "./map-layout.ts";

/** Red, green and blue from 0 to 255. */
export type Colour = readonly [number, number, number];

export interface MapContent {
  readonly label: string;
  readonly shape: readonly number[];
  /** Colour of an element, or what paper shows for null. */
  colourOf(index: number): Colour | null;
  /** What is said of an element, after where it is. */
  words(index: number): string;
  /** An element that the cursor begins at. */
  readonly start?: number;
}

const MOST_SCALE = 14;
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class MapView {
  /** The element under the cursor; null where there is none. */
  readonly at = signal<number | null>(null);
  readonly #words = document.createElement("p");
  readonly #canvas = document.createElement("canvas");
  readonly #cursor = document.createElement("span");
  readonly #frame = document.createElement("div");
  /** As wide as there is room; the frame within is as wide as its cells. */
  readonly #room = document.createElement("div");
  readonly #observer: ResizeObserver;
  #content: MapContent | null = null;
  #layout: MapLayout | null = null;
  /** Where the pixel of each element lies. */
  #pixels = new Uint32Array();

  constructor() {
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#cursor.className = "map-cursor";
    this.#cursor.hidden = true;
    this.#frame.className = "map";
    this.#frame.tabIndex = 0;
    this.#frame.setAttribute("role", "application");
    this.#frame.append(this.#canvas, this.#cursor);
    this.#words.className = "map-words";
    this.#words.setAttribute("role", "status");
    this.#frame.addEventListener("pointermove", (event) => this.#point(event));
    this.#frame.addEventListener("pointerdown", (event) => this.#point(event));
    this.#frame.addEventListener("pointerleave", () => document.activeElement !== this.#frame && this.move(null));
    this.#frame.addEventListener("focus", () => this.at.value === null && this.move(this.#content?.start ?? 0));
    this.#frame.addEventListener("keydown", (event) => this.#press(event));
    this.#observer = new ResizeObserver(() => this.#fit());
    this.#room.className = "map-frame";
    this.#room.append(this.#frame);
    this.#observer.observe(this.#room);
  }

  /** Shows a tensor from now on. */
  show(content: MapContent): void {
    const isOther = this.#content?.shape.join() !== content.shape.join();
    this.#content = content;
    this.#frame.setAttribute("aria-label", content.label);
    if (isOther) {
      const layout = mapLayout(content.shape);
      this.#layout = layout;
      const size = content.shape.reduce((product, extent) => product * extent, 1);
      this.#pixels = Uint32Array.from({ length: size }, (_, index) => {
        const [x, y] = layout.place(index);
        return y * layout.width + x;
      });
      this.move(null);
    }
    this.draw();
    if (isOther) this.#fit();
    this.#say();
  }

  /** Paints all elements anew. */
  draw(): void {
    const [content, layout] = [this.#content, this.#layout];
    if (!content || !layout) return;
    const { width, height } = layout;
    this.#canvas.width = width;
    this.#canvas.height = height;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    this.#pixels.forEach((pixel, index) => {
      const colour = content.colourOf(index);
      if (colour) pixels[pixel] = colour[0] | (colour[1] << 8) | (colour[2] << 16) | 0xff000000;
    });
    this.#canvas.getContext("2d")?.putImageData(image, 0, 0);
  }

  /** Puts the cursor on an element. */
  move(index: number | null): void {
    this.at.value = index;
    this.#cursor.hidden = index === null;
    const layout = this.#layout;
    if (index !== null && layout) {
      const [x, y] = layout.place(index);
      const { style } = this.#cursor;
      style.setProperty("left", `${(100 * x) / layout.width}%`);
      style.setProperty("top", `${(100 * y) / layout.height}%`);
      style.setProperty("width", `${100 / layout.width}%`);
      style.setProperty("height", `${100 / layout.height}%`);
    }
    this.#say();
  }

  view(): TemplateResult {
    return html`${this.#room}${this.#words}`;
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  #say(): void {
    const index = this.at.value;
    this.#words.textContent = index === null || !this.#content ? "" : `${this.#layout?.words(index)}: ${this.#content.words(index)}`;
  }

  /** As large as there is room for, in whole pixels an element where that is possible. */
  #fit(): void {
    const layout = this.#layout;
    const room = this.#room.clientWidth;
    if (!layout || room === 0) return;
    const scale = room / layout.width;
    const whole = scale >= 1 ? Math.min(MOST_SCALE, Math.floor(scale)) : scale;
    this.#frame.style.setProperty("width", `${layout.width * whole}px`);
  }

  #point({ clientX, clientY }: PointerEvent): void {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const layout = this.#layout;
    if (!layout || width === 0) return;
    const found = layout.elementAt(
      Math.floor(((clientX - left) / width) * layout.width),
      Math.floor(((clientY - top) / height) * layout.height),
    );
    if (found !== null && found !== this.at.value) this.move(found);
  }

  #press(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const [layout, index] = [this.#layout, this.at.value];
    if (!step || !layout || index === null) return;
    event.preventDefault();
    let [x, y] = layout.place(index);
    // Over the gap between tiles.
    for (let tries = 0; tries < 2; tries++) {
      [x, y] = [x + step[0], y + step[1]];
      if (x < 0 || y < 0 || x >= layout.width || y >= layout.height) return;
      const found = layout.elementAt(x, y);
      if (found !== null) return this.move(found);
    }
  }
}

/** Colours of numbers, far apart for those that follow each other. */
export function colourOfNumber(number: number): Colour {
  const hue = (number * 137.508) % 360;
  const light = [0.48, 0.66, 0.57][number % 3];
  const part = (shift: number): number => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (light - 0.55 * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}

/** A colour as it looks through paper. */
export const dimmed = ([r, g, b]: Colour, paper: Colour): Colour =>
  [r, g, b].map((part, i) => Math.round(0.22 * part + 0.78 * paper[i])) as unknown as Colour;
