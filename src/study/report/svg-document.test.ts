// What Plot draws into our document, read back as text.
import { beforeAll, expect, test } from "vitest";
import { svgText, type PlotLibrary } from "./svg-document.ts";

let plot: PlotLibrary;
beforeAll(async () => {
  plot = await import("@observablehq/plot");
});

const chart = (): string =>
  svgText(
    plot,
    {
      width: 200,
      height: 100,
      x: { label: "a < b" },
      marks: [
        plot.axisX(),
        plot.line(
          [
            { x: 0, y: 1 },
            { x: 4, y: 2 },
          ],
          { x: "x", y: "y", curve: "step-after" },
        ),
        plot.text(['"R&D"'], { frameAnchor: "top" }),
      ],
    },
    'Rises from "1" to <2>',
  );

test("a chart is one svg with a name that a screen reader says, and nothing else is labelled", () => {
  const svg = chart();
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" aria-label="Rises from &quot;1&quot; to &lt;2&gt;">/);
  expect(svg.match(/aria-/g)).toHaveLength(1);
  expect(svg).toMatch(/<\/svg>$/);
  expect(svg.match(/<svg/g)).toHaveLength(1);
});

test("text is escaped, a style sheet is not", () => {
  const svg = chart();
  expect(svg).toContain("a &lt; b");
  expect(svg).toContain(">&quot;R&amp;D&quot;<");
  expect(svg).toMatch(/<style>:where\(\.plot-\w+\) \{/);
});

test("every element that opens closes, in order", () => {
  const open: string[] = [];
  for (const [, end, name] of chart().matchAll(/<(\/?)([a-z]+)[^>]*>/gi)) {
    if (end) expect(open.pop()).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
});

test("lines lie where their points do", () => {
  const [, path] = /<path d="M([^"]+)"/.exec(chart().slice(chart().indexOf('stroke-width="1.5"'))) ?? [];
  const points = path.split("L").map((pair) => pair.split(",").map(Number));
  expect(points.every((pair) => pair.length === 2 && pair.every(Number.isFinite))).toBe(true);
  expect(points[0][1]).toBeGreaterThan(points.at(-1)?.[1] ?? Infinity); // upwards: y grows down the page
});

test("a chart with a legend, which is more than a picture, is refused", () => {
  const options = { color: { legend: true, domain: ["a", "b"] }, marks: [plot.dot([1, 2], { x: (d: number) => d, stroke: () => "a" })] };
  expect(() => svgText(plot, options, "x")).toThrow(/expected a chart without legend/);
});
