// Sensitivity against the size of the hemorrhage, where sizes are known: small ones are the open question.
import type { Interval } from "../../statistics/interval.ts";
import { share } from "../analysis/estimates.ts";
import type { ModelAnalysis } from "../analysis/result.ts";
import { FAINT, GREY, SMALL, short } from "./chart-style.ts";
import { figure, html, raw, type Html } from "./html.ts";
import { colourOf } from "./model-title.ts";
import { digits2 } from "../numbers.ts";
import { modelCell, shortName, type Page } from "./page.ts";
import { svgText, type PlotLibrary } from "./svg-document.ts";

/** Upper ends of the bands in mL; the last has none. */
export const EDGES = [2, 5, 10, 20] as const;

/** A hemorrhage of the held-out cases. */
interface Bleed {
  readonly volumeMl: number;
  readonly found: boolean;
}

interface VolumeBand {
  readonly name: string;
  /** Geometric mean of the volumes. */
  readonly volumeMl: number;
  readonly found: number;
  readonly of: number;
  readonly sensitivity: Interval & { readonly value: number };
}

/** Hemorrhages of known volume, called at the model's threshold; empty where either is not known. */
export function bleedsOf({ input }: Page, { model, seed, threshold }: ModelAnalysis): Bleed[] {
  const volumes = new Map(input.cases.facts.flatMap((fact) => (fact.volumeMl === null ? [] : [[fact.case, fact.volumeMl] as const])));
  const cut = threshold.score;
  const scored = input.scores.find((one) => one.model === model && one.seed === seed && one.split === "test")?.cases ?? [];
  if (cut === null) return [];
  return scored.flatMap((one) => {
    const volumeMl = volumes.get(one.case);
    return volumeMl === undefined ? [] : [{ volumeMl, found: one.score >= cut }];
  });
}

/** Bands that hold a case, from small to large. */
function volumeBands(bleeds: readonly Bleed[]): VolumeBand[] {
  const ends = [0, ...EDGES, Infinity];
  return ends.slice(1).flatMap((to, i): VolumeBand[] => {
    const own = bleeds.filter(({ volumeMl }) => volumeMl >= ends[i] && volumeMl < to);
    if (own.length === 0) return [];
    const found = own.filter((bleed) => bleed.found).length;
    return [
      {
        name: to === Infinity ? `${ends[i]} mL and more` : i === 0 ? `below ${to} mL` : `${ends[i]} to ${to} mL`,
        volumeMl: Math.exp(own.reduce((sum, { volumeMl }) => sum + Math.log(volumeMl), 0) / own.length),
        found,
        of: own.length,
        sensitivity: share(found, own.length),
      },
    ];
  });
}

export function byVolume(page: Page): Html | null {
  const { analysis, plot } = page;
  const shown = analysis.models.map((model) => ({ model, bleeds: bleedsOf(page, model) })).filter(({ bleeds }) => bleeds.length > 0);
  if (shown.length === 0) return null;
  const volumes = shown[0].bleeds.map(({ volumeMl }) => volumeMl);
  const domain = [Math.min(1, ...volumes), Math.max(...volumes)] as const;
  const counts = volumeBands(shown[0].bleeds).map(({ name, of }) => `${name}, ${of}`);
  return html`<h3>Small hemorrhages</h3>
    <p>
      Small hemorrhages are the easiest to miss. Held-out hemorrhages by volume: ${counts.join("; ")}. With so few in a band the intervals
      are wide.
    </p>
    ${figure(
      html`<div class="multiples">
        ${shown.map(
          ({ model, bleeds }) =>
            html`<div>
              <h3>${modelCell(page, model.model)}</h3>
              ${raw(volumeChart(plot, bleeds, { colour: colourOf(model), name: shortName(page, model.model), domain }))}
            </div> `,
        )}
      </div>`,
      html`<b>Figure.</b> Sensitivity by volume of the hemorrhage, at each model’s threshold, with Wilson’s 95 % interval. Ticks along the
        top: hemorrhages found; along the bottom: missed.`,
      "long",
    )}`;
}

function volumeChart(
  plot: PlotLibrary,
  bleeds: readonly Bleed[],
  { colour, name, domain }: { readonly colour: string; readonly name: string; readonly domain: readonly [number, number] },
): string {
  const bands = volumeBands(bleeds);
  const axis = { tickFormat: short, tickSize: 4, labelAnchor: "center", labelArrow: "none" } as const;
  const [found, missed] = [true, false].map((of) => bleeds.filter((bleed) => bleed.found === of));
  return svgText(
    plot,
    {
      ...SMALL,
      height: 200,
      x: { type: "log", domain: [0.85 * domain[0], 1.15 * domain[1]], label: null },
      y: { domain: [-0.08, 1.08], label: null },
      marks: [
        plot.axisX(
          [1, 3, 10, 30, 100].filter((at) => at >= 0.85 * domain[0] && at <= domain[1]),
          { ...axis, label: "mL" },
        ),
        plot.axisY([0, 0.5, 1], { ...axis, label: "sensitivity" }),
        plot.frame({ stroke: FAINT }),
        plot.ruleX(found, { x: "volumeMl", y1: () => 1.03, y2: () => 1.08, stroke: GREY, strokeOpacity: 0.6 }),
        plot.ruleX(missed, { x: "volumeMl", y1: () => -0.08, y2: () => 0, stroke: colour, strokeWidth: 2 }),
        plot.link(bands, {
          x1: "volumeMl",
          x2: "volumeMl",
          y1: ({ sensitivity }: VolumeBand) => sensitivity.low,
          y2: ({ sensitivity }: VolumeBand) => sensitivity.high,
          stroke: colour,
          strokeOpacity: 0.6,
        }),
        plot.line(bands, { x: "volumeMl", y: ({ sensitivity }: VolumeBand) => sensitivity.value, stroke: colour, strokeOpacity: 0.5 }),
        plot.dot(bands, { x: "volumeMl", y: ({ sensitivity }: VolumeBand) => sensitivity.value, r: 4, fill: colour }),
      ],
    },
    `Sensitivity of ${name} by volume: ${bands.map(({ name, found, of, sensitivity }) => `${name} ${found} of ${of}, ${digits2(sensitivity.value)}`).join("; ")}.`,
  );
}
