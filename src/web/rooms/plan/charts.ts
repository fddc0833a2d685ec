// The two charts of Plan as SVG: launches in order, and the arenas over them. They are for the eye and the pointer; the tables and keys beside them say the same.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { ArenaValue, LaunchStage } from "striatum/inspect";
import { bytesText } from "./format.ts";
import { TEXT } from "./text.ts";
import type { Launch, Plan } from "./worker-part.ts";

/** A row of a time line: how wide each launch is. */
export interface Lane {
  readonly name: string;
  /** By position of the launch. */
  readonly widths: readonly number[];
}

/** What both charts need. */
export interface ChartOptions {
  /** Pixels. */
  readonly width: number;
  readonly plan: Plan;
  /** Position of the launch that is marked; -1 for none. */
  readonly marked: number;
  /** Class of a launch by its op. */
  readonly colourOf: (launch: Launch) => string;
  /** Address of a launch's kernel. */
  readonly hrefOf: (launch: Launch) => string;
  readonly point: (launch: number) => void;
}

const LANE = 44;
const LABEL = 18;
const GAP = 14;
const LETTER = 6.6;
const MAP_HEIGHT = 340;

/** Text that fits into so many pixels, or nothing. */
const fitting = (text: string, pixels: number): string => (text.length * LETTER + 6 <= pixels ? text : "");

/** Name of a block, or what distinguishes it from others of its kind: "3a" of "inception_3a". */
const labelOf = (block: string, pixels: number): string => fitting(block, pixels) || fitting(block.replace(/^.*_/, ""), pixels);

/** Stages of a plan in the order of the step. */
const stagesOf = ({ launches }: Plan): LaunchStage[] => [...new Set(launches.map(({ stage }) => stage))];

/** Launches in order, a row for each stage and lane. */
export function timeLine(lanes: readonly Lane[], { width, plan, marked, colourOf, hrefOf, point }: ChartOptions): TemplateResult {
  const rows = stagesOf(plan).flatMap((stage) => lanes.map((lane) => ({ stage, lane })));
  const height = rows.length * (LABEL + LANE + GAP);
  const drawn = rows.map(({ stage, lane }, row) => {
    const top = row * (LABEL + LANE + GAP);
    const own = plan.launches.map((launch, index) => ({ launch, index })).filter(({ launch }) => launch.stage === stage);
    const total = own.reduce((sum, { index }) => sum + lane.widths[index], 0) || 1;
    let x = 0;
    const boxes = own.map(({ launch, index }) => {
      const wide = (width * lane.widths[index]) / total;
      const box = { launch, index, x, wide };
      x += wide;
      return box;
    });
    const blocks = new Map<string, { from: number; to: number }>();
    for (const { launch, x: from, wide } of boxes)
      blocks.set(launch.block, { from: blocks.get(launch.block)?.from ?? from, to: from + wide });
    return svg`
      <text class="chart-label" x="0" y=${top + LABEL - 6}>${rows.length > 1 ? `${stage}, ${lane.name}` : stage}</text>
      ${boxes.map(
        ({ launch, index, x: left, wide }) => svg`<a
          href=${hrefOf(launch)} tabindex="-1"
          @pointerenter=${() => point(index)}
          @click=${(event: PointerEvent) => {
            if (event.pointerType === "touch" && marked !== index) event.preventDefault();
          }}
        ><rect class=${colourOf(launch)} data-marked=${index === marked ? "yes" : nothing}
          x=${left} y=${top + LABEL} width=${Math.max(wide, 0.5)} height=${LANE - 16} /></a>`,
      )}
      ${[...blocks].map(([name, { from, to }]) =>
        labelOf(name, to - from)
          ? svg`<line class="chart-line" x1=${from + 1} x2=${to - 1} y1=${top + LABEL + LANE - 12} y2=${top + LABEL + LANE - 12} />
              <text class="chart-label" x=${from + 2} y=${top + LABEL + LANE}>${labelOf(name, to - from)}</text>`
          : nothing,
      )}
    `;
  });
  return html`<svg class="chart" aria-hidden="true" width=${width} height=${height} viewBox="0 0 ${width} ${height}">${drawn}</svg>`;
}

/** The arenas one below the other: each value from its first launch to its last. */
export function memoryMap(
  options: ChartOptions & { readonly markedValue: ArenaValue | null; readonly pointAtValue: (value: ArenaValue) => void },
): TemplateResult {
  const { width, plan, marked, colourOf, markedValue, point, pointAtValue } = options;
  const { arenas, values, launches } = plan;
  const total = arenas.reduce((sum, bytes) => sum + bytes, 0) || 1;
  const tops: number[] = [];
  let top = 0;
  for (const bytes of arenas) {
    tops.push(top + LABEL);
    top += LABEL + (MAP_HEIGHT * bytes) / total + GAP;
  }
  const column = width / launches.length;
  const move = (event: PointerEvent): void => {
    const { left } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const index = Math.floor((event.clientX - left) / column);
    if (index >= 0 && index < launches.length) point(index);
  };
  return html`<svg class="chart" aria-hidden="true" width=${width} height=${top} viewBox="0 0 ${width} ${top}" @pointermove=${move}>
    ${arenas.map((bytes, arena) => {
      const high = (MAP_HEIGHT * bytes) / total;
      return svg`
        <text class="chart-label" x="0" y=${tops[arena] - 5}>${TEXT.arena(arena, bytesText(bytes))}</text>
        <rect class="chart-ground" x="0" y=${tops[arena]} width=${width} height=${high} />`;
    })}
    ${values.map((value) => {
      const x = value.from * column;
      const wide = (value.to - value.from + 1) * column;
      const y = tops[value.arena] + (MAP_HEIGHT * value.offset) / total;
      const high = Math.max((MAP_HEIGHT * value.bytes) / total, 1);
      return svg`<rect class=${`value ${colourOf(launches[value.from])}`} data-marked=${value === markedValue ? "yes" : nothing}
          x=${x} y=${y} width=${wide} height=${high} @pointerenter=${() => pointAtValue(value)} />
        ${high > 13 && fitting(value.name, wide) ? svg`<text class="chart-inside" x=${x + 3} y=${y + 12}>${value.name}</text>` : nothing}`;
    })}
    ${marked < 0 ? nothing : svg`<rect class="chart-mark" x=${marked * column} y="0" width=${column} height=${top} />`}
  </svg>`;
}
