// Which pictures of a set excite the channels of a layer most, and where.
import { Session } from "../engine/session.ts";
import { strongestOf } from "../engine/strongest.ts";
import type { Value } from "../graph/graph.ts";
import { scoringGraph } from "../train/graphs.ts";
import { callback, expectOptions, inWords, signal, text, whole } from "./check.ts";
import { feedsOf, storedPicture } from "./feeds.ts";
import { fieldsOf, frameOf, type Frame } from "./fields.ts";
import { pictureOfInput, type PictureInput } from "./pictures.ts";
import type { Subject } from "./subject.ts";

/** Options of `exciting`. */
export interface ExcitingOptions {
  /** Name of the layer. */
  readonly layer: string;
  /** Pictures to keep for each channel, a whole number from 1. Default 9. */
  readonly count?: number;
  /** Pictures per pass, a whole number from 1. Default: as many as there are, at most 8. */
  readonly batch?: number;
  /** Ends the work between two passes. */
  readonly signal?: AbortSignal;
  /** Gets the number of pictures that are done, after each pass. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** A picture that excites a channel. */
export interface ExcitingPicture {
  /** Its index in the set. */
  readonly picture: number;
  /** Largest value of the channel. */
  readonly value: number;
  /** Row of that value, of several equal ones the first. */
  readonly row: number;
  /** Its column. */
  readonly column: number;
  /** Pixels of the network's input that it depends on; null for all of them. */
  readonly frame: Frame | null;
}

/** The pictures that excite the channels of a layer most. */
export interface Exciting {
  /** Name of the layer. */
  readonly layer: string;
  /** Number of pictures that were looked at. */
  readonly pictures: number;
  /** By channel: its pictures, the most exciting first, each once. */
  readonly channels: readonly (readonly ExcitingPicture[])[];
}

const KINDS = { layer: text, count: whole(1), batch: whole(1), signal, onProgress: callback };
const MOST_AT_ONCE = 8;

/** Runs a set of pictures up to a layer. */
export async function excitingPictures(subject: Subject, pictures: readonly PictureInput[], options: ExcitingOptions): Promise<Exciting> {
  expectOptions("exciting", options, KINDS);
  if (!Array.isArray(pictures) || pictures.length === 0)
    throw new TypeError(`exciting: expected an array of pictures, got ${inWords(pictures)}`);
  const { layer, count = 9, batch = Math.min(pictures.length, MOST_AT_ONCE) } = options;
  const { graph } = scoringGraph({ ...subject.options, batch });
  const value = graph.nodes.flatMap(({ outputs }) => Object.values(outputs)).find(({ name }) => name === layer);
  if (!value) throw new TypeError(`exciting: there is no layer ${inWords(layer)}`);
  const field = fieldsOf(graph).get(value);
  const [, columns] = value.shape.length === 4 ? value.shape.slice(1) : [1, 1];
  const size = graph.nodes[0].outputs["y"].shape[1];
  graph.outputs.clear();
  graph.output(layer, value);
  const { engine, sessionOptions, states } = subject;
  const session = await Session.open(engine, graph, { ...sessionOptions, states });
  try {
    const channels: ExcitingPicture[][] = Array.from({ length: value.shape.at(-1) as number }, () => []);
    for (let first = 0; first < pictures.length; first += batch) {
      options.signal?.throwIfAborted();
      const some = pictures.slice(first, first + batch);
      const best = await strongestOfBatch(subject, session, { layer, value, batch }, some);
      channels.forEach((kept, channel) => {
        some.forEach((_, i) => {
          const { strength, place } = best(i, channel);
          if (place === null) return;
          const [row, column] = [Math.floor(place / columns), place % columns];
          kept.push({ picture: first + i, value: strength, row, column, frame: field ? frameOf(field, size, row, column) : null });
        });
        kept.sort((a, b) => b.value - a.value || a.picture - b.picture);
        kept.length = Math.min(kept.length, count);
      });
      options.onProgress?.(first + some.length, pictures.length);
    }
    return { layer, pictures: pictures.length, channels };
  } finally {
    session.dispose();
  }
}

interface Batch {
  readonly layer: string;
  readonly value: Value;
  readonly batch: number;
}

/** Strength and place of every picture and channel of one pass; no place where no value is finite. */
async function strongestOfBatch(
  subject: Subject,
  session: Session,
  { layer, value, batch }: Batch,
  pictures: readonly PictureInput[],
): Promise<(picture: number, channel: number) => { readonly strength: number; readonly place: number | null }> {
  const { engine, sight } = subject;
  const images = await Promise.all(pictures.map((picture) => pictureOfInput(engine.platform, picture)));
  const stored = await Promise.all(images.map((image) => storedPicture(sight, image)));
  const [feed] = feedsOf(sight, stored, batch);
  subject.expectAlive();
  session.feed("pixels", feed.pixels);
  session.feed("placement", feed.placement);
  session.run();
  const channels = value.shape.at(-1) as number;
  const positions = value.shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
  const { values, places } = await strongestOf(engine, session.output(layer), [batch, positions, channels], () => subject.expectAlive());
  return (picture, channel) => {
    const place = places[picture * channels + channel];
    return { strength: values[picture * channels + channel], place: place < positions ? place : null };
  };
}
