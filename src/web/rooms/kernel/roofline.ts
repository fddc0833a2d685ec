// The roofline of the adapter with kernels as dots, and the same as a table.
import type { Roofs } from "striatum/inspect";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { TEXT } from "./text.ts";

/** A kernel that was run. */
export interface Dot {
  readonly name: string;
  /** Operations per byte that must move. */
  readonly intensity: number;
  readonly gflops: number;
}

const [WIDTH, HEIGHT] = [320, 200];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 22, 34];
/** From one name to the next. */
const LINE = 12;

/** Powers of ten that a range lies in. */
function decades(values: readonly number[]): readonly [number, number] {
  const finite = values.filter((value) => value > 0).map(Math.log10);
  return [Math.floor(Math.min(...finite)), Math.ceil(Math.max(...finite))];
}

const power = (exponent: number): string => (exponent >= -2 && exponent <= 4 ? String(10 ** exponent) : `1e${exponent}`);

/** Williams, Waterman and Patterson 2009: attainable speed over operations per byte, both axes logarithmic. */
export function rooflineView({ gflops, gigabytesPerSecond }: Roofs, dots: readonly Dot[]): TemplateResult {
  const ridge = gflops / gigabytesPerSecond;
  const [x0, x1] = decades([ridge / 10, ridge * 10, ...dots.map(({ intensity }) => intensity)]);
  const [y0, y1] = decades([gflops, gflops / 100, ...dots.map((dot) => dot.gflops)]);
  const x = (value: number): number => LEFT + ((Math.log10(value) - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((Math.log10(value) - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const exponents = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  // The slope enters at the left edge or at the bottom, whichever comes first.
  const enters = Math.max(10 ** x0, 10 ** y0 / gigabytesPerSecond);
  // Names of dots that lie close together stand below each other.
  let above = -Infinity;
  const placed = dots
    .map((dot, i) => ({ ...dot, isFirst: i === 0, at: y(dot.gflops) }))
    .toSorted((a, b) => a.at - b.at)
    .map((dot) => ({ ...dot, nameAt: (above = Math.max(dot.at + 4, above + LINE)) }));
  return html`<figure class="roofline">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${TEXT.roofline}: ${TEXT.roofsAre(gflops, gigabytesPerSecond)}">
      ${exponents(x0, x1).map(
        (exponent) =>
          svg`<line class="grid" x1=${x(10 ** exponent)} x2=${x(10 ** exponent)} y1=${TOP} y2=${HEIGHT - BOTTOM}></line>
            <text text-anchor="middle" x=${x(10 ** exponent)} y=${HEIGHT - BOTTOM + 13}>${power(exponent)}</text>`,
      )}
      ${exponents(y0, y1).map(
        (exponent) =>
          svg`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(10 ** exponent)} y2=${y(10 ** exponent)}></line>
            <text text-anchor="end" x=${LEFT - 5} y=${y(10 ** exponent) + 4}>${power(exponent)}</text>`,
      )}
      <polyline
        class="roof"
        points="${x(enters)},${y(enters * gigabytesPerSecond)} ${x(ridge)},${y(gflops)} ${WIDTH - RIGHT},${y(gflops)}"
      ></polyline>
      ${placed.map(({ intensity, name, isFirst, at, nameAt }) => {
        const isLate = x(intensity) > WIDTH / 2;
        return svg`<circle class="dot" data-first=${isFirst} cx=${x(intensity)} cy=${at} r="4.5"></circle>
          <text class="name" text-anchor=${isLate ? "end" : "start"} x=${x(intensity) + (isLate ? -9 : 9)} y=${nameAt}>${name}</text>`;
      })}
      <text text-anchor="end" x=${WIDTH - RIGHT} y=${HEIGHT - 4}>operations per byte</text>
      <text x="2" y="11">GFLOP/s</text>
    </svg>
    <figcaption class="quiet">
      ${TEXT.roofsAre(gflops, gigabytesPerSecond)}. ${TEXT.roofsWhy}
      ${dots.some(({ intensity, gflops: speed }) => speed > Math.min(gflops, intensity * gigabytesPerSecond)) ? TEXT.aboveRoof : nothing}
    </figcaption>
  </figure>`;
}
