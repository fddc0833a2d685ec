// What the last two pages find: the workgroups of a launch, and the area under a ROC curve with DeLong's interval.
import { rocSummary } from "striatum/study";
import type { KernelOwners, LaunchInfo, Microscope } from "striatum/inspect";
import { choiceControl, few, mapOf, numberControl, numberOf, wholeOf, wordOf, type PageAsked } from "./asked.ts";
import type { MapFound, PageFound } from "./found.ts";
import { RECORDED } from "./recorded.ts";
import { LABELS } from "./text.ts";

/** A launch and who makes what in it. */
interface Launched {
  readonly id: string;
  readonly family: string;
  readonly layer: string;
  readonly workgroups: readonly [number, number, number];
  /** Invocations of a workgroup. */
  readonly invocations: number;
  readonly flops: number;
  readonly bytes: number;
  /** Extents of the output: rows, columns, channels. */
  readonly shape: readonly [rows: number, columns: number, channels: number];
  /** Number of the workgroup of each element, in that order. */
  readonly owners: ArrayLike<number>;
}

const owning = new WeakMap<Microscope, Map<string, Promise<KernelOwners>>>();

function ownersOf(scope: Microscope, launch: string): Promise<KernelOwners> {
  const known = owning.get(scope) ?? new Map<string, Promise<KernelOwners>>();
  owning.set(scope, known);
  const owners = known.get(launch) ?? scope.owners(launch);
  known.set(launch, owners);
  owners.catch(() => known.delete(launch));
  return owners;
}

/** Invocations of a workgroup, as the kernel's text says. */
function invocationsOf({ kernel: { wgsl } }: LaunchInfo): number {
  const sizes = /@workgroup_size\(([^)]*)\)/.exec(wgsl)?.[1].split(",") ?? [];
  return sizes.reduce((product, text) => {
    const named = Number(text) || Number(new RegExp(`const ${text.trim()}(?:: \\w+)? = (\\d+)`).exec(wgsl)?.[1] ?? 1);
    return product * named;
  }, 1);
}

async function launched(scope: Microscope, launch: LaunchInfo): Promise<Launched> {
  const { maps, workgroups } = await ownersOf(scope, launch.id);
  const [{ shape, owners }] = maps;
  const [, rows = 1, columns = 1, channels = 1] = shape.length === 4 ? shape : [1, 1, 1, shape[shape.length - 1]];
  return {
    id: launch.id,
    family: launch.family,
    layer: launch.layer,
    workgroups,
    invocations: invocationsOf(launch),
    flops: launch.flops,
    bytes: launch.leastBytes,
    shape: [rows, columns, channels],
    owners,
  };
}

const TILES = [1, 2, 4, 8, 16];

export async function workgroup(asked: PageAsked): Promise<PageFound> {
  const { source, keys } = asked;
  const choices = source.scope?.plan().launches.filter(({ op }) => op === "conv2d" || op === "inception") ?? [];
  const id = wordOf(
    keys,
    "launch",
    choices.map((each) => each.id),
    choices[0]?.id ?? RECORDED.id,
  );
  const launch = choices.find((each) => each.id === id);
  const found: Launched = source.scope && launch ? await launched(source.scope, launch) : RECORDED;
  const [rows, columns, channels] = found.shape;
  const channel = wholeOf(keys, "c", [0, channels - 1], 0);
  const ownersHere = Float32Array.from({ length: rows * columns }, (_, i) => found.owners[i * channels + channel]);
  const [atRow, atColumn] = (keys["at"] ?? "0,0").split(",").map(Number);
  const cell = { row: Math.min(rows - 1, atRow || 0), column: Math.min(columns - 1, atColumn || 0) };
  const owner = ownersHere[cell.row * columns + cell.column];
  const tile = Number(wordOf(keys, "tile", TILES.map(String), "8"));
  const depth = found.flops / (2 * rows * columns * channels);
  const map: MapFound = {
    ...mapOf(
      { source: { how: "float64" } as PageAsked["source"] },
      LABELS.ownersOf(channel),
      { id: "", values: { shape: [1, 1, rows, columns], data: ownersHere } },
      { palette: "groups", cell, isPointed: true },
    ),
  };
  return {
    numbers: {
      id: found.id,
      note: found.layer === "conv1" ? LABELS.fourthColour : "",
      family: found.family,
      workgroups: found.workgroups.reduce((a, b) => a * b, 1),
      invocations: found.invocations,
      outputs: rows * columns * channels,
      own: Array.from(found.owners).filter((each) => each === owner).length,
      owner,
      flops: found.flops,
      bytes: found.bytes,
      intensity: found.flops / found.bytes,
      depth,
      tile,
      alone: 2 * depth,
      read: (2 * depth) / tile,
      recorded: source.scope ? "" : LABELS.recorded,
    },
    controls: [
      ...(choices.length > 0
        ? [
            choiceControl(
              "launch",
              LABELS.launch,
              id,
              choices.map((each) => ({ value: each.id, text: each.id })),
            ),
          ]
        : []),
      numberControl("c", LABELS.channel, channel, [0, channels - 1]),
      choiceControl(
        "tile",
        LABELS.tile,
        String(tile),
        TILES.map((value) => ({ value: String(value), text: `${value} × ${value}` })),
      ),
    ],
    bars: {
      reads: {
        title: LABELS.readsPerOutput,
        bars: TILES.map((value) => ({ label: `${value} × ${value}`, value: 1 / value, text: String(Math.round((2 * depth) / value)) })),
      },
    },
    maps: [map],
  };
}

/** Scores of invented cases with the finding, and of those without: the higher, the surer. */
const POSITIVES = [0.95, 0.9, 0.81, 0.74, 0.62, 0.55, 0.48, 0.31];
const NEGATIVES = [0.05, 0.08, 0.12, 0.17, 0.22, 0.28, 0.36, 0.45, 0.58, 0.66];

const varianceOf = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
};

export function auc({ keys }: PageAsked): Promise<PageFound> {
  const changed = wholeOf(keys, "case", [1, POSITIVES.length], POSITIVES.length);
  const score = numberOf(keys, "score", [0, 1], POSITIVES[changed - 1]);
  const copies = Number(wordOf(keys, "times", ["1", "4", "16"], "1"));
  const own = POSITIVES.map((value, i) => (i === changed - 1 ? score : value));
  const repeat = (values: readonly number[]): number[] => Array.from({ length: copies }, () => values).flat();
  const [positives, negatives] = [repeat(own), repeat(NEGATIVES)];
  const wins = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
  const ofPositives = positives.map((a) => negatives.reduce((sum, b) => sum + wins(a, b), 0) / negatives.length);
  const ofNegatives = negatives.map((b) => positives.reduce((sum, a) => sum + wins(a, b), 0) / positives.length);
  const area = ofPositives.reduce((a, b) => a + b, 0) / positives.length;
  const variance = varianceOf(ofPositives) / positives.length + varianceOf(ofNegatives) / negatives.length;
  const summary = rocSummary([...positives, ...negatives], [...positives.map(() => true), ...negatives.map(() => false)]);
  if (!summary) throw new Error("internal: the textbook's cases have no ROC curve");
  const points = summary.curve.map(({ sensitivity, specificity }) => [1 - specificity, sensitivity] as const);
  return Promise.resolve({
    numbers: {
      positives: positives.length,
      negatives: negatives.length,
      pairs: positives.length * negatives.length,
      won: area * positives.length * negatives.length,
      area,
      auc: summary.auc,
      low: summary.low,
      high: summary.high,
      width: summary.high - summary.low,
      deviation: Math.sqrt(variance),
      variance,
      changed,
      score,
    },
    controls: [
      numberControl("case", LABELS.case, changed, [1, POSITIVES.length], ["score"]),
      numberControl("score", LABELS.score, score, [0, 1, 0.01]),
      choiceControl(
        "times",
        LABELS.times,
        String(copies),
        [1, 4, 16].map((value) => ({ value: String(value), text: `× ${value}` })),
      ),
    ],
    lines: {
      roc: {
        title: LABELS.roc,
        xLabel: LABELS.falsePositives,
        yLabel: LABELS.truePositives,
        x: [0, 1],
        y: [0, 1],
        lines: [
          {
            name: LABELS.chance,
            kind: "ground",
            points: [
              [0, 0],
              [1, 1],
            ],
          },
          { name: LABELS.curve, kind: "main", points },
        ],
      },
    },
    tables: {
      cases: {
        caption: LABELS.positiveCases,
        head: LABELS.caseHeads,
        rows: own.map((value, i) => ({ cells: [i + 1, value, few(ofPositives[i])], isMarked: i === changed - 1 })),
      },
    },
  });
}
