// Event files, parsed back by a little reader that shares nothing with the writer: a protobuf walk and a bitwise CRC of its own.
import { expect, test } from "vitest";
import { crc32c, eventFile, eventFileOf } from "./event-file.ts";

type Parsed = Map<number, (number | bigint | Uint8Array)[]>;

function parse(bytes: Uint8Array): Parsed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Parsed = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    let value: number | bigint | Uint8Array;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) value = view.getFloat64((at += 8) - 8, true);
    else if ((key & 7) === 5) value = view.getFloat32((at += 4) - 4, true);
    else {
      const length = Number(varint());
      value = bytes.subarray(at, (at += length));
    }
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}

/** Bit by bit, as the standard writes it. */
function crcOf(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const masked = (bytes: Uint8Array): number => {
  const crc = BigInt(crcOf(bytes));
  return Number((((crc >> 15n) | ((crc << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
};

/** The events of a file; fails where a checksum does. */
function read(file: Uint8Array): Parsed[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const events: Parsed[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(masked(file.subarray(at, at + 8)));
    const message = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(masked(message));
    events.push(parse(message));
    at += 16 + length;
  }
  return events;
}

const messages = (parsed: Parsed, field: number): Parsed[] => (parsed.get(field) ?? []).map((bytes) => parse(bytes as Uint8Array));
const valuesOf = (event: Parsed): Parsed[] => messages(messages(event, 5)[0], 1);
const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);
const doubles = (value: unknown): number[] => {
  const bytes = (value as Uint8Array).slice();
  return Array.from(new Float64Array(bytes.buffer));
};

test("the checksum has its published check value", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4
});

test("a file begins with its version", () => {
  const [first, ...rest] = read(eventFile([]));
  expect(rest).toEqual([]);
  expect(text(first.get(3)?.[0])).toBe("brain.Event:2");
});

test("metrics become scalars by step, training and validation in one section", () => {
  const [, ...events] = read(
    eventFileOf([
      { epoch: 1, step: 300, loss: 0.75, validationLoss: 0.5, rate: 0.125 },
      { epoch: 2, step: 600, loss: 0.25, validationAuc: 1 },
    ]),
  );
  const told = events.map((event) => [
    event.get(1)?.[0],
    event.get(2)?.[0],
    Object.fromEntries(valuesOf(event).map((value) => [text(value.get(1)?.[0]), value.get(2)?.[0]])),
  ]);
  expect(told).toEqual([
    [300, 300n, { "run/epoch": 1, "loss/train": 0.75, "loss/validation": 0.5, "run/rate": 0.125 }],
    [600, 600n, { "run/epoch": 2, "loss/train": 0.25, "auc/validation": 1 }],
  ]);
});

test("what is shown beside metrics lies among them by step", () => {
  const shown = [{ step: 2, wallTime: 9.5, summaries: [{ kind: "scalar", tag: "x", value: 4 }] }] as const;
  const events = read(
    eventFileOf(
      [
        { epoch: 1, step: 1 },
        { epoch: 2, step: 3 },
      ],
      shown,
    ),
  );
  expect(events.slice(1).map((event) => [event.get(2)?.[0], event.get(1)?.[0]])).toEqual([
    [1n, 1],
    [2n, 9.5],
    [3n, 3],
  ]);
});

test("a histogram counts every value once, below its bin's upper limit", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 3);
  const [, event] = read(eventFile([{ step: 1, summaries: [{ kind: "histogram", tag: "weights/fc", values }] }]));
  const [histogram] = messages(valuesOf(event)[0], 5);
  expect(histogram.get(1)?.[0]).toBe(Math.min(...values));
  expect(histogram.get(2)?.[0]).toBe(Math.max(...values));
  expect(histogram.get(3)?.[0]).toBe(1000);
  const limits = doubles(histogram.get(6)?.[0]);
  const counts = doubles(histogram.get(7)?.[0]);
  expect(limits).toHaveLength(counts.length);
  expect(limits.at(-1)).toBe(Math.max(...values));
  counts.forEach((count, bin) => {
    const low = bin === 0 ? -Infinity : limits[bin - 1];
    const inside = values.filter((value) => value >= low && (value < limits[bin] || bin === counts.length - 1)).length;
    expect(Math.abs(count - inside)).toBeLessThanOrEqual(1); // a value on a limit may round to either side
  });
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
});

test("equal values are one bin; none, or one that is not finite, is refused by name", () => {
  const [, event] = read(eventFile([{ step: 1, summaries: [{ kind: "histogram", tag: "b", values: [2, 2, 2] }] }]));
  const [histogram] = messages(valuesOf(event)[0], 5);
  expect([doubles(histogram.get(6)?.[0]), doubles(histogram.get(7)?.[0])]).toEqual([[2], [3]]);
  for (const values of [[], [1, NaN], [Infinity]]) {
    expect(() => eventFile([{ step: 1, summaries: [{ kind: "histogram", tag: "b", values }] }])).toThrow(
      /histogram "b": expected at least one value/,
    );
  }
});

test("an image keeps its size, its channels and its bytes", () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3);
  const [, event] = read(
    eventFile([{ step: 7, summaries: [{ kind: "image", tag: "case/3", width: 320, height: 200, channels: 3, png }] }]),
  );
  const [image] = messages(valuesOf(event)[0], 4);
  expect([1, 2, 3].map((field) => image.get(field)?.[0])).toEqual([200n, 320n, 3n]);
  expect(image.get(4)?.[0]).toEqual(png);
});
