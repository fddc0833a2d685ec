// A run as TensorBoard reads it: records of protobuf `Event` messages, each framed by its length and masked CRC-32C checksums (TFRecord:
// tensorflow/core/lib/io/record_writer.cc; the messages: tensorflow/core/util/event.proto and framework/summary.proto). metrics.jsonl stays the
// source of truth; this file has the same content.
import { bytesField, floatField, floatsField, joinChunks, textField, varintField, type Chunks } from "../weights/protobuf.ts";
import type { MetricsLine } from "./run-folder.ts";

/** TensorBoard recognizes event files by "tfevents" in the name. No time and no host: equal runs have equal files. */
export const EVENT_FILE = "events.out.tfevents.0000000000.striatum";

/** What is shown under a tag; tags with the same part before "/" share a section. */
export type Summary =
  | { readonly kind: "scalar"; readonly tag: string; readonly value: number }
  | { readonly kind: "histogram"; readonly tag: string; readonly values: ArrayLike<number> }
  /** `channels`: 1 grey, 3 RGB. */
  | {
      readonly kind: "image";
      readonly tag: string;
      readonly width: number;
      readonly height: number;
      readonly channels: number;
      readonly png: Uint8Array;
    };

export interface SummaryEvent {
  readonly step: number;
  /** Seconds. Default: the step, so that a file depends on nothing but its run. */
  readonly wallTime?: number;
  readonly summaries: readonly Summary[];
}

/** A whole event file. Throws for a histogram of no values or of values that are not finite, which TensorBoard cannot draw. */
export function eventFile(events: Iterable<SummaryEvent>): Uint8Array {
  const chunks: Uint8Array[] = [...record([...floatField(1, Float64Array.of(0)), ...textField(3, "brain.Event:2")])];
  for (const { step, wallTime = step, summaries } of events) {
    const values = summaries.flatMap((summary) => bytesField(1, summaryValue(summary)));
    chunks.push(...record([...floatField(1, Float64Array.of(wallTime)), ...varintField(2, step), ...bytesField(5, values)]));
  }
  return joinChunks(chunks);
}

/**
 * A run's metrics, and images or histograms shown beside them. Training and validation share a section ("loss/train", "loss/validation"),
 * so that TensorBoard draws them side by side.
 */
function metricsEvents(lines: readonly MetricsLine[], shown: readonly SummaryEvent[] = []): SummaryEvent[] {
  const scalars = lines.map(({ step, ...metrics }): SummaryEvent => ({
    step,
    summaries: Object.entries(metrics).map(([name, value]) => ({ kind: "scalar", tag: tagOf(name), value })),
  }));
  return [...scalars, ...shown].sort((a, b) => a.step - b.step);
}

/** The event file of a run's metrics.jsonl. */
export const eventFileOf = (lines: readonly MetricsLine[], shown: readonly SummaryEvent[] = []): Uint8Array =>
  eventFile(metricsEvents(lines, shown));

function tagOf(metric: string): string {
  if (metric === "loss" || metric === "accuracy") return `${metric}/train`;
  const [, validated] = /^validation([A-Z]\w*)$/.exec(metric) ?? [];
  return validated === undefined ? `run/${metric}` : `${validated.toLowerCase()}/validation`;
}

function summaryValue(summary: Summary): Chunks {
  const tag = textField(1, summary.tag);
  if (summary.kind === "scalar") return [...tag, ...floatField(2, Float32Array.of(summary.value))];
  if (summary.kind === "histogram") return [...tag, ...bytesField(5, histogram(summary.tag, summary.values))];
  const { width, height, channels, png } = summary;
  return [
    ...tag,
    ...bytesField(4, [...varintField(1, height), ...varintField(2, width), ...varintField(3, channels), ...bytesField(4, [png])]),
  ];
}

const BINS = 30;

/** HistogramProto: bins of equal width from the least value to the greatest, each named by its upper limit; one bin where all values are equal. */
function histogram(tag: string, values: ArrayLike<number>): Chunks {
  let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]);
    max = Math.max(max, values[i]);
    sum += values[i];
    squares += values[i] ** 2;
  }
  if (!Number.isFinite(min) || !Number.isFinite(sum)) {
    throw new Error(`histogram "${tag}": expected at least one value, all finite; got ${values.length} values with sum ${sum}`);
  }
  const bins = max > min ? BINS : 1;
  const counts = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    counts[max > min ? Math.min(bins - 1, Math.floor(((values[i] - min) / (max - min)) * bins)) : 0]++;
  }
  const limits = Float64Array.from(counts, (_, bin) => (bin === bins - 1 ? max : min + ((max - min) * (bin + 1)) / bins));
  return [
    ...[min, max, values.length, sum, squares].flatMap((value, i) => floatField(i + 1, Float64Array.of(value))),
    ...floatsField(6, limits),
    ...floatsField(7, counts),
  ];
}

/** Length, its checksum, the bytes, their checksum; all little-endian. */
function record(message: Chunks): Chunks {
  const bytes = joinChunks(message);
  const head = new DataView(new ArrayBuffer(12));
  head.setBigUint64(0, BigInt(bytes.length), true);
  head.setUint32(8, maskedCrc(new Uint8Array(head.buffer, 0, 8)), true);
  const tail = new DataView(new ArrayBuffer(4));
  tail.setUint32(0, maskedCrc(bytes), true);
  return [new Uint8Array(head.buffer), bytes, new Uint8Array(tail.buffer)];
}

/** The checksum of data that may hold checksums: rotated and shifted (tensorflow/core/lib/hash/crc32c.h). */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, reflected; RFC 3720, appendix B.4. */
const POLYNOMIAL = 0x82f63b78;

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  return crc;
});

/** CRC-32C of bytes, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_OF_BYTE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}
