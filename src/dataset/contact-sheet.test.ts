import { describe, expect, test } from "vitest";
import { contactSheet } from "./contact-sheet.ts";
import type { Picture } from "./image.ts";

const plain = (width: number, height: number, level: number, channels: 1 | 3 = 1): Picture => ({
  width,
  height,
  channels,
  data: new Uint8Array(width * height * channels).fill(level),
});

/** The sheet's rows as text: its ink as "#", a picture of level 100 as "o", the ground as ".". */
const rowsOf = ({ width, height, channels, data }: Picture): string[] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => ({ 220: "#", 100: "o", 24: "." })[data[(y * width + x) * channels]] ?? "?").join(""),
  );

describe("contactSheet", () => {
  test("shows a caption that can be read", () => {
    const rows = rowsOf(contactSheet([{ picture: plain(17, 2, 100), caption: "L 7" }], 4));
    expect(rows.slice(6, 18).map((row) => row.slice(6, -6))).toEqual([
      "ooooooooooooooooo",
      "ooooooooooooooooo",
      ".................",
      ".................",
      ".................",
      "#...........#####",
      "#...............#",
      "#..............#.",
      "#.............#..",
      "#............#...",
      "#............#...",
      "#####........#...",
    ]);
  });

  test("lays pictures of mixed sizes and colours out in rows", () => {
    const cells = [plain(8, 8, 100), plain(4, 12, 100, 3), plain(8, 4, 100)].map((picture) => ({ picture, caption: "" }));
    const sheet = contactSheet(cells, 2);
    expect([sheet.width, sheet.channels]).toEqual([6 + 2 * 14, 3]);
    const rows = rowsOf(sheet);
    expect(rows[6]).toBe(`......${"o".repeat(8)}......${"o".repeat(4)}..........`);
    expect(rows[17]).toBe(`${".".repeat(20)}${"o".repeat(4)}..........`);
    expect(rows.flatMap((row) => Array.from(row)).filter((dot) => dot === "o")).toHaveLength(8 * 8 + 4 * 12 + 8 * 4);
  });

  test("a long caption is wrapped inside its cell", () => {
    const narrow = contactSheet([{ picture: plain(30, 4, 100), caption: "a b c" }], 1);
    const wrapped = contactSheet([{ picture: plain(30, 4, 100), caption: "aaaa bbbb ccccccc" }], 1);
    expect(wrapped.width).toBe(narrow.width);
    expect(wrapped.height).toBe(narrow.height + 3 * 10);
  });

  test("a character that the font lacks is shown as a question mark", () => {
    const sheetOf = (caption: string): Picture => contactSheet([{ picture: plain(12, 1, 0), caption }], 1);
    expect(sheetOf("ü").data).toEqual(sheetOf("?").data);
    expect(sheetOf("a").data).toEqual(sheetOf("A").data);
    expect(sheetOf("8").data).not.toEqual(sheetOf("B").data);
  });

  test("nothing to show, no columns and a giant are refused", () => {
    expect(() => contactSheet([], 3)).toThrow("expected at least one picture");
    expect(() => contactSheet([{ picture: plain(1, 1, 0), caption: "" }], 0)).toThrow("columns must be a whole number from 1, got 0");
    const large = Array.from({ length: 50 }, () => ({ picture: plain(1000, 1000, 0), caption: "" }));
    expect(() => contactSheet(large, 10)).toThrow(/over 40000000 pixels/);
  });
});
