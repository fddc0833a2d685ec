// A dose sheet as scanners send it: a page of boxes, no slice of anyone. It is there so that readers of a folder have to leave it out.
const ROWS = 256;
const COLUMNS = 320;
const LINE = 20;

/** Grey, 0 to 255, [256, 320]: a heading, then as many lines as there were slices, in columns of bars that stand for numbers. */
export function drawDoseSheet(slices: number): { readonly rows: number; readonly columns: number; readonly stored: Uint16Array } {
  const stored = new Uint16Array(ROWS * COLUMNS).fill(16);
  const bar = (left: number, top: number, width: number, height: number, grey: number): void => {
    for (let y = top; y < Math.min(ROWS, top + height); y++) stored.fill(grey, y * COLUMNS + left, y * COLUMNS + left + width);
  };
  bar(16, 12, 180, 14, 230);
  const lines = Math.min(10, Math.ceil(slices / 4));
  for (let line = 0; line < lines; line++)
    for (const [left, width] of [
      [16, 64],
      [110, 40],
      [180, 52],
      [262, 30],
    ])
      bar(left, 44 + line * LINE, width, 9, 190);
  return { rows: ROWS, columns: COLUMNS, stored };
}
