// Pictures on canvases of the page, cut to what the network sees of them.
import type { Window } from "striatum/inspect";
import type { Shown } from "./worker-part.ts";

/** Draws a window of the network's input: the picture is squashed to a square, of which the middle is seen. */
export function drawSeen(canvas: HTMLCanvasElement, bitmap: ImageBitmap, { size, margin }: Shown["seen"], window?: Window): void {
  const { row, column, rows, columns } = window ?? { row: 0, column: 0, rows: size, columns: size };
  const stored = size + 2 * margin;
  const [across, down] = [bitmap.width / stored, bitmap.height / stored];
  canvas.width = columns;
  canvas.height = rows;
  canvas
    .getContext("2d")
    ?.drawImage(bitmap, (margin + column) * across, (margin + row) * down, columns * across, rows * down, 0, 0, columns, rows);
}

/** A canvas that is an image for people who do not see it, too. */
export function imageCanvas(label: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = "look-seen";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}
