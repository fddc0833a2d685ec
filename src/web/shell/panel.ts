// A canvas that the worker draws on. The page keeps its element, its size and what lies above it.
import type { Client } from "../worker/client.ts";
import type * as Methods from "../worker/lab-methods.ts";

const MOST_RATIO = 2;
let panels = 0;

/** One canvas of the stage. Made once, its element can be moved but not made anew. */
export class Panel {
  /** Number under which the worker knows it. */
  readonly id = ++panels;
  readonly element: HTMLCanvasElement = document.createElement("canvas");
  readonly #client: Client;
  readonly #observer: ResizeObserver;

  constructor(client: Client) {
    this.#client = client;
    this.element.setAttribute("aria-hidden", "true"); // what it shows is said by the element around it
    const remote = client.remote<typeof Methods>("lab");
    void remote.addPanel(this.id, this.element.transferControlToOffscreen());
    this.#observer = new ResizeObserver(
      ([
        {
          contentRect: { width, height },
        },
      ]) => {
        const ratio = Math.min(devicePixelRatio, MOST_RATIO);
        void remote.resizePanel(this.id, Math.round(width * ratio), Math.round(height * ratio));
      },
    );
    this.#observer.observe(this.element);
  }

  dispose(): void {
    this.#observer.disconnect();
    void this.#client.remote<typeof Methods>("lab").removePanel(this.id);
  }
}
