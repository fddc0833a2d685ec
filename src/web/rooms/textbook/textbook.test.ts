// The textbook's texts: what they name is there, and they are short.
import temml from "temml";
import { describe, expect, test } from "vitest";
import { ROOMS } from "../rooms.ts";
import { FORMULAS } from "./formulas.ts";
import { KEYS } from "./keys.ts";
import { PAGES } from "./pages.ts";
import { destinationOf, piecesOf, shownNumber } from "./prose.ts";
import { PAGE_TEXTS } from "./texts.ts";

test.each(Object.entries(FORMULAS))("the formula %s is set as MathML", (_, latex) => {
  expect(temml.renderToString(latex, { throwOnError: true, displayMode: true })).toMatch(/^<math.*<\/math>$/s);
});

test("there are twelve pages, each with a text", () => {
  expect(PAGES).toHaveLength(12);
  expect(Object.keys(PAGE_TEXTS)).toEqual(PAGES.map(({ name }) => name));
});

describe.each(Object.entries(PAGE_TEXTS))("the page %s", (_, { blocks, question, answer, links, sources }) => {
  const prose = blocks.filter((block) => !block.startsWith("@"));

  test("is short: some 150 to 350 words, and a question with an answer", () => {
    const words = prose.join(" ").split(/\s+/).length;
    expect(words).toBeGreaterThanOrEqual(150);
    expect(words).toBeLessThanOrEqual(350);
    expect(question).toMatch(/\?/);
    expect(answer.length).toBeGreaterThan(50);
    expect(sources.length).toBeGreaterThanOrEqual(2);
  });

  test("has formulas that are there, and a figure", () => {
    const named = blocks.flatMap((block) => /^@formula (\w+)$/.exec(block)?.[1] ?? []);
    for (const name of named) expect(FORMULAS, name).toHaveProperty(name);
    expect(blocks.some((block) => /^@(maps|lines)/.test(block))).toBe(true);
    expect(blocks).toContain("@controls");
  });

  test("links into rooms that are there, with keys that they know", () => {
    const found = [...prose, ...links].flatMap((text) => piecesOf(text).flatMap((piece) => (piece.is === "link" ? [piece.to] : [])));
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const to of found) {
      const { room, path, keys } = destinationOf(to, {});
      expect(ROOMS, to).toHaveProperty(room);
      for (const key of Object.keys(keys)) expect([...ROOMS[room].keys, "net"], to).toContain(key);
      if (room === "textbook") expect(PAGE_TEXTS, to).toHaveProperty(path);
    }
  });
});

test("every formula is on a page", () => {
  const placed = Object.values(PAGE_TEXTS).flatMap(({ blocks }) => blocks.flatMap((block) => /^@formula (\w+)$/.exec(block)?.[1] ?? []));
  expect(placed.toSorted()).toEqual(Object.keys(FORMULAS).toSorted());
});

test("paragraphs are cut into words, numbers, links and letters", () => {
  expect(piecesOf("With _k_ = {size} see [conv1](look/conv1?c={c}).")).toEqual([
    { is: "words", text: "With " },
    { is: "letter", text: "k" },
    { is: "words", text: " = " },
    { is: "number", name: "size" },
    { is: "words", text: " see " },
    { is: "link", text: "conv1", to: "look/conv1?c={c}" },
    { is: "words", text: "." },
  ]);
  expect(piecesOf("inception_4a and inception_4d")).toEqual([{ is: "words", text: "inception_4a and inception_4d" }]);
  expect(destinationOf("look/inception_{m}/1x1?net=alexnet&at={r},{c}", { m: "3a", r: 1, c: 2 })).toEqual({
    room: "look",
    path: "inception_3a/1x1",
    keys: { net: "alexnet", at: "1,2" },
  });
});

test("numbers are short, and what only looks whole keeps its zeros", () => {
  expect([0, 12, -3, 24_256, 0.5, 1 / 3, 1 - 1e-9, -1e-9, 123.456].map(shownNumber)).toEqual([
    "0",
    "12",
    "−3",
    "24,256",
    "0.5",
    "0.33333",
    "1.0000",
    "−1.000e−9",
    "123.46",
  ]);
});

test("no key is listed twice", () => {
  expect(new Set(KEYS).size).toBe(KEYS.length);
});
