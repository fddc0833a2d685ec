// Canvases that the page handed over: each keeps its last drawing, and draws it again when its size, its paper or the device changes.
import type { Drawing, Painter } from "./painter.ts";

/** What a canvas shows; made anew at each drawing, because its rectangles depend on the size. */
export type Picture = (size: { readonly width: number; readonly height: number }) => readonly Drawing[];

/** Red, green and blue from 0 to 1. */
export type Paper = readonly [number, number, number];

interface Panel {
  readonly canvas: OffscreenCanvas;
  readonly context: GPUCanvasContext;
  picture: Picture | null;
}

export class Panels {
  readonly #panels = new Map<number, Panel>();
  #painter: Painter | null = null;
  #paper: Paper = [1, 1, 1];
  #hidden = false;

  /** Takes a canvas under a number of the page's choice. */
  add(id: number, canvas: OffscreenCanvas): void {
    const context = canvas.getContext("webgpu");
    if (!context) throw new Error("this browser gives no WebGPU canvas to a worker");
    this.#painter?.configure(context);
    this.#panels.set(id, { canvas, context, picture: null });
  }

  remove(id: number): void {
    this.#panels.get(id)?.context.unconfigure();
    this.#panels.delete(id);
  }

  /** Draws with a painter from now on; with none, nothing is drawn. What was drawn by another is gone. */
  use(painter: Painter | null): void {
    this.#painter?.dispose();
    this.#painter = painter;
    for (const panel of this.#panels.values()) {
      panel.picture = null;
      painter?.configure(panel.context);
    }
  }

  /** Shows a picture on a canvas from now on; none shows paper. */
  show(id: number, picture: Picture | null): void {
    const panel = this.#panels.get(id);
    if (!panel) return; // it left the page meanwhile
    panel.picture = picture;
    this.#draw(panel);
  }

  resize(id: number, width: number, height: number): void {
    const panel = this.#panels.get(id);
    if (!panel || width < 1 || height < 1 || (panel.canvas.width === width && panel.canvas.height === height)) return;
    panel.canvas.width = width;
    panel.canvas.height = height;
    this.#draw(panel);
  }

  setPaper(paper: Paper): void {
    this.#paper = paper;
    for (const panel of this.#panels.values()) this.#draw(panel);
  }

  /** Draws nothing while the page is hidden; afterwards everything as it should be by then. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    for (const panel of this.#panels.values()) this.#draw(panel);
  }

  /** Forgets all pictures: what they show is about to be freed. */
  clear(): void {
    for (const panel of this.#panels.values()) panel.picture = null;
  }

  #draw({ canvas, context, picture }: Panel): void {
    if (!this.#hidden) this.#painter?.draw(context, picture?.(canvas) ?? [], this.#paper);
  }
}
