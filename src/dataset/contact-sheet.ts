// A contact sheet: pictures in a grid with captions under them, as one picture. Arrays are [height, width, channels].
import { drawText, GLYPH } from "./bitmap-font.ts";
import type { Picture } from "./image.ts";

export interface SheetCell {
  readonly picture: Picture;
  /** Drawn in capitals, wrapped at the cell's width; "\n" begins a new line. */
  readonly caption: string;
}

const GAP = 6;
const LINE = GLYPH.height + 3;
const ADVANCE = GLYPH.width + 1;
const BACKGROUND = 24;
const INK = 220;
const PIXEL_LIMIT = 40_000_000;

/**
 * Lays pictures out from left to right, `columns` per row. Sizes may differ: a column is as wide as the widest picture, a row as high as its
 * highest with its caption. Grey if all pictures are. Throws for no picture, no column, or a sheet of more than 40 million pixels.
 */
export function contactSheet(cells: readonly SheetCell[], columns: number): Picture {
  if (cells.length === 0) throw new Error("contact sheet: expected at least one picture, got none");
  if (!Number.isInteger(columns) || columns < 1) throw new Error(`contact sheet: columns must be a whole number from 1, got ${columns}`);
  const across = Math.min(columns, cells.length);
  const cellWidth = Math.max(...cells.map(({ picture }) => picture.width));
  const captions = cells.map(({ caption }) => wrap(caption, Math.max(1, Math.floor((cellWidth + 1) / ADVANCE))));
  const tops = [GAP];
  for (let first = 0; first < cells.length; first += across) {
    const row = cells.slice(first, first + across);
    const heights = row.map(({ picture }, i) => picture.height + GAP / 2 + captions[first + i].length * LINE);
    tops.push(tops[tops.length - 1] + Math.max(...heights) + GAP);
  }
  const width = GAP + across * (cellWidth + GAP);
  const height = tops[tops.length - 1];
  if (width * height > PIXEL_LIMIT)
    throw new Error(`contact sheet: ${width} x ${height} is over ${PIXEL_LIMIT} pixels: show fewer pictures, or smaller ones`);
  const channels = cells.some(({ picture }) => picture.channels === 3) ? 3 : 1;
  const sheet: Picture = { width, height, channels, data: new Uint8Array(width * height * channels).fill(BACKGROUND) };
  cells.forEach(({ picture }, i) => {
    const left = GAP + (i % across) * (cellWidth + GAP);
    const top = tops[Math.floor(i / across)];
    paste(sheet, picture, left, top);
    captions[i].forEach((line, n) => {
      const from = top + picture.height + GAP / 2 + n * LINE;
      drawText(line, (x, y) => {
        const at = ((from + y) * width + left + x) * channels;
        sheet.data.fill(INK, at, at + channels);
      });
    });
  });
  return sheet;
}

function paste(sheet: Picture, { width, height, channels, data }: Picture, left: number, top: number): void {
  for (let y = 0; y < height; y++) {
    const to = ((top + y) * sheet.width + left) * sheet.channels;
    const row = data.subarray(y * width * channels, (y + 1) * width * channels);
    if (channels === sheet.channels) sheet.data.set(row, to);
    else for (let x = 0; x < width; x++) sheet.data.fill(row[x], to + 3 * x, to + 3 * x + 3);
  }
}

/** Lines of at most `length` characters, broken at spaces where there are any. */
function wrap(text: string, length: number): string[] {
  return text.split("\n").flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (rest.length > length) {
      const space = rest.lastIndexOf(" ", length);
      const cut = space > 0 ? space : length;
      lines.push(rest.slice(0, cut));
      rest = rest.slice(cut).trimStart();
    }
    return [...lines, rest];
  });
}
