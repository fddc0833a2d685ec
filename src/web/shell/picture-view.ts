// The picture that is open, as its file has it, on a canvas of the page.
import { effect, untracked } from "@preact/signals-core";
import type { Page } from "./page.ts";

const views = new WeakMap<Page, HTMLCanvasElement>();

/** The element that shows the page's picture; the same one each time. */
export function pictureView(page: Page): HTMLCanvasElement {
  const known = views.get(page);
  if (known) return known;
  const canvas = document.createElement("canvas");
  canvas.className = "picture";
  canvas.setAttribute("role", "img");
  let shown = "";
  effect(() => {
    const id = page.picture.value;
    if (!id || id === shown || !page.pictures.value.some((picture) => picture.id === id)) return;
    shown = id;
    canvas.setAttribute("aria-label", id);
    void untracked(async () => {
      const bitmap = await page.attempt(() => page.lab.picture(id));
      if (!bitmap || id !== shown) return;
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
      bitmap.close();
    });
  });
  views.set(page, canvas);
  return canvas;
}
