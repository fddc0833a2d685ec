// The cases shown for a model: its errors, the most confident first, and some correct calls, each with the slice of the highest probability of
// hemorrhage, the occlusion map of what the network saw of it, and, where the cases are drawn, the outline of the blood. On drawn cases also the pointing
// game (Zhang et al. 2018, "Top-down neural attention by excitation backprop"): does the peak of a true positive's map lie on the clot?
// Scores are not computed here; the threshold is the one from validation.
import * as v from "valibot";
import type { FileOptions } from "../../dataset/case-files.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { Image, Picture } from "../../dataset/image.ts";
import type { Engine } from "../../engine/engine.ts";
import { parsed, parsedText } from "../../platform/json.ts";
import { likeliestClass } from "../../statistics/confusion.ts";
import { youdenThreshold } from "../../statistics/roc.ts";
import { scorePictures } from "../../train/evaluate.ts";
import { gradCam } from "../../train/grad-cam.ts";
import { centreOf, occlude, patchSide, type Occlusion } from "../../train/occlusion.ts";
import type { TrainedNetwork } from "../../train/pretrained.ts";
import { Scorer } from "../../train/scorer.ts";
import type { ScoredCase } from "../analysis/result.ts";
import type { Predictions } from "../predictions.ts";
import type { Gallery, GalleryCase, PointedCase, Pointing } from "../report/input.ts";
import { locate, middleOf, NOWHERE, type Located, type Place } from "./located.ts";
import type { Clots } from "./truth.ts";

/** A case of a gallery, its finding not yet named. */
export type Unexplained = Omit<GalleryCase, "finding">;
/** A gallery as a training job stores it. */
export type StoredGallery = Omit<Gallery, "model" | "cases"> & { readonly cases: readonly Unexplained[] };

const WRONG = 10;
/** Correct answers per class. */
const RIGHT = 2;
/** Cells along a side of the maps that are shown, and of those whose peak alone counts. */
const CELLS = 12;
const COARSE_CELLS = 8;
/** Images per pass. */
const BATCH = 32;

const isPositive = ({ label }: ScoredCase): boolean => label !== "none";

/** Log-odds above which a case is called positive; null where validation holds one class only. */
const thresholdOf = ({ val }: Predictions): number | null =>
  youdenThreshold(
    val.map(({ score }) => score),
    val.map((item) => (isPositive(item) ? 1 : 0)),
  );

/** The most confident errors, then the most confident correct calls of each class. */
function chooseCases(test: readonly ScoredCase[], threshold: number): ScoredCase[] {
  const isWrong = (item: ScoredCase): boolean => item.score >= threshold !== isPositive(item);
  const surest = [...test].sort((a, b) => Math.abs(b.score - threshold) - Math.abs(a.score - threshold) || a.case - b.case);
  const right = surest.filter((item) => !isWrong(item));
  return [
    ...surest.filter(isWrong).slice(0, WRONG),
    ...right.filter(isPositive).slice(0, RIGHT),
    ...right.filter((item) => !isPositive(item)).slice(0, RIGHT),
  ];
}

export interface GalleryInput {
  readonly engine: Engine;
  readonly trained: TrainedNetwork;
  readonly held: Dataset;
  readonly predictions: Predictions;
  readonly files: FileOptions;
  readonly clots: Clots;
}

/** The slice of a case with the highest probability, and where on it blood lies. */
interface Viewed extends Located {
  readonly item: ScoredCase;
  /** As the dataset stores it; the network sees its middle. */
  readonly stored: Picture;
}

/** A gallery of held-out cases; without cases where no threshold could be chosen. Findings are added by the caller. */
export async function makeGallery({ engine, trained, held, predictions, files, clots }: GalleryInput): Promise<StoredGallery> {
  const threshold = thresholdOf(predictions);
  if (threshold === null) return { cases: [], pointing: null, passes: 0 };
  const shown = chooseCases(predictions.test, threshold);
  const found = predictions.test.filter((item) => isPositive(item) && item.score >= threshold);
  const scorer = await Scorer.open(engine, trained, { batch: BATCH });
  try {
    const viewed = async (items: readonly ScoredCase[]): Promise<readonly Viewed[]> =>
      viewsOf(items, { scorer, trained, held, files, clots });
    const cards = await makeCards(await viewed(shown), { scorer, trained, threshold });
    const known = await viewed(found.filter((item) => clots(item.case) !== null));
    const pointing = await point(known, { engine, scorer, trained });
    return { cases: cards.cases, pointing: pointing.pointing, passes: cards.passes + pointing.passes };
  } finally {
    scorer.dispose();
  }
}

async function makeCards(
  views: readonly Viewed[],
  { scorer, trained, threshold }: { readonly scorer: Scorer; readonly trained: TrainedNetwork; readonly threshold: number },
): Promise<{ readonly cases: Unexplained[]; readonly passes: number }> {
  const pictures = views.map(({ stored }) => stored);
  const { maps, passes } = await occlude(scorer, pictures, { crop: trained.size, cells: CELLS });
  const cases = views.map(({ item, stored, slice, outline }, i): Unexplained => ({
    case: item.case,
    label: item.label,
    said: trained.classes[likeliestClass(item.probabilities)],
    probability: probabilityOf(item.score),
    threshold: probabilityOf(threshold),
    picture: middleOf(stored, trained.size),
    ...mapOf(maps[i]),
    outline,
    slice,
  }));
  return { cases, passes };
}

/** Null where the clot is not known of any case. */
async function point(
  views: readonly Viewed[],
  { engine, scorer, trained }: { readonly engine: Engine; readonly scorer: Scorer; readonly trained: TrainedNetwork },
): Promise<{ readonly pointing: Pointing | null; readonly passes: number }> {
  const known = views.filter(({ outline }) => outline !== null);
  if (known.length === 0) return { pointing: null, passes: 0 };
  const pictures = known.map(({ stored }) => stored);
  const { maps, passes } = await occlude(scorer, pictures, { crop: trained.size, cells: COARSE_CELLS });
  // Of several findings, the most probable is asked for.
  const asked = known.map(({ item, stored }) => ({ picture: stored, class: 1 + likeliestClass(item.probabilities.slice(1)) }));
  const heats = await gradCam(engine, trained, asked);
  const tolerance = patchSide(trained.size) / 2;
  const cases = known.map(({ item, stored, clotPixels }, i): PointedCase => {
    const { covered, peak } = maps[i];
    const near = ([x, y]: Place): boolean => clotPixels.some(([cx, cy]) => Math.hypot(cx - x, cy - y) <= tolerance);
    const centre = (cell: number): Place => centreOf(cell, COARSE_CELLS, trained.size);
    const hot = hottest(heats[i].heat, stored.width, trained.size);
    return {
      case: item.case,
      visible: clotPixels.length > 0,
      occlusion: peak !== null && near(centre(peak)),
      gradCam: hot !== null && near(hot),
      chance: covered.filter((cell) => near(centre(cell))).length / Math.max(1, covered.length),
    };
  });
  return { pointing: { tolerance, side: trained.size, cases }, passes: passes + known.length };
}

const probabilityOf = (score: number): number => 1 / (1 + Math.exp(-score));

interface Sources extends Pick<GalleryInput, "trained" | "held" | "files" | "clots"> {
  readonly scorer: Scorer;
}

/** Each case's slice with the highest probability of a finding, the first of equals. */
async function viewsOf(items: readonly ScoredCase[], { scorer, trained, held, files, clots }: Sources): Promise<Viewed[]> {
  const images = held.images("test");
  const views: Viewed[] = [];
  for (const item of items) {
    const at = held.cases.findIndex(({ index }) => index === item.case);
    const own = [...images.cases.keys()].filter((i) => images.cases[i] === at);
    const pictures = await Promise.all(own.map((i) => images.read(i)));
    const none = (await scorePictures(scorer, pictures)).map(([p]) => p);
    const best = none.indexOf(Math.min(...none));
    const file = images.file?.(own[best]);
    const place = file
      ? await locate(file.path, {
          trained,
          files: { ...files, ...(file.rescale && { rescale: file.rescale }) },
          clot: clots(item.case),
          stored: pictures[best],
        })
      : NOWHERE;
    views.push({ item, stored: pictures[best], ...place });
  }
  return views;
}

function mapOf({ falls, peak }: Occlusion): Pick<GalleryCase, "map" | "peak" | "fall"> {
  return {
    fall: peak === null ? 0 : falls[peak],
    map: { width: CELLS, height: CELLS, channels: 1, data: falls.map((fall) => Math.max(0, fall)) },
    peak: peak === null ? null : centreOf(peak, CELLS, 1),
  };
}

/** The hottest place of a map of the stored picture, on the network's input: the middle of all pixels that are as hot; null where nothing is. */
function hottest(heat: Float32Array, stored: number, size: number): Place | null {
  const most = heat.reduce((a, b) => Math.max(a, b), 0);
  if (!(most > 0)) return null;
  const places = [...heat.keys()].filter((at) => heat[at] === most);
  const mean = (of: (at: number) => number): number => places.reduce((sum, at) => sum + of(at), 0) / places.length;
  const margin = Math.floor((stored - size) / 2);
  return [mean((at) => at % stored) + 0.5 - margin, mean((at) => Math.floor(at / stored)) + 0.5 - margin];
}

const FORMAT = "striatum-gallery-2";

/** A gallery as text: pixels as base 64, map values as bytes of a 255th of the largest each. */
export const formatGallery = ({ cases, ...gallery }: StoredGallery): string =>
  `${JSON.stringify({
    format: FORMAT,
    ...gallery,
    cases: cases.map(({ picture, map, slice, ...item }) => ({
      ...item,
      picture: stored(picture),
      map: map && stored(inBytesOfLargest(map)),
      slice: slice && { ...slice, picture: stored(slice.picture) },
    })),
  })}\n`;

type Stored = Omit<Picture, "data"> & { readonly data: string };

const stored = (picture: Picture): Stored => ({ ...picture, data: toBase64(picture.data) });

function inBytesOfLargest(map: Image): Picture {
  const values = Float64Array.from(map.data);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return {
    width: map.width,
    height: map.height,
    channels: map.channels,
    data: Uint8Array.from(values, (value) => (largest > 0 ? Math.round((255 * value) / largest) : 0)),
  };
}

const finite = v.pipe(v.number(), v.finite());
const unit = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 14));

const PICTURE: v.GenericSchema<unknown, Picture> = v.pipe(
  v.strictObject({ width: side, height: side, channels: v.picklist([1, 3]), data: v.string() }),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const data = fromBase64(value.data);
    if (data?.length === value.width * value.height * value.channels) return { ...value, data };
    addIssue({ message: "expected as many bytes in base 64 as it has pixels and channels" });
    return NEVER;
  }),
);
const OUTLINE = v.nullable(
  v.pipe(
    v.array(finite),
    v.check(({ length }) => length % 4 === 0, "expected four numbers for each line"),
  ),
);

const GALLERY: v.GenericSchema<unknown, StoredGallery> = v.object({
  pointing: v.nullable(
    v.object({
      tolerance: finite,
      side,
      cases: v.array(v.object({ case: count, visible: v.boolean(), occlusion: v.boolean(), gradCam: v.boolean(), chance: unit })),
    }),
  ),
  passes: count,
  cases: v.array(
    v.object({
      case: count,
      label: v.string(),
      said: v.string(),
      probability: unit,
      threshold: unit,
      picture: PICTURE,
      map: v.nullable(PICTURE),
      fall: finite,
      peak: v.nullable(v.tuple([finite, finite])),
      outline: OUTLINE,
      slice: v.nullable(v.object({ picture: PICTURE, outline: OUTLINE, right: v.nullable(v.picklist(["left", "right"])) })),
    }),
  ),
});
/** Earlier versions wrote a list. */
const ANY_FORMAT = v.union([v.array(v.unknown()), v.looseObject({ format: v.string() })]);

/** What `formatGallery` has written. Earlier versions wrote maps of another kind: of such a gallery nothing is shown. */
export function parseGallery(bytes: Uint8Array, file: string): StoredGallery {
  const source = { file, what: "a gallery of a study" };
  const found = parsedText(ANY_FORMAT, bytes, source);
  return !Array.isArray(found) && found.format === FORMAT ? parsed(GALLERY, found, source) : { cases: [], pointing: null, passes: 0 };
}

/** Few enough arguments for any call. */
const CHUNK = 8192;

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** Null where it is none. */
function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
