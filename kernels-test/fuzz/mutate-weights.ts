// Mutations of protocol buffers by their fields, at every depth, and of safetensors by the JSON of their header. Lengths stay right.
import type { Draws } from "./draws.ts";
import { join, mutateBytes, type Mutate } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-text.ts";

interface Field {
  readonly number: number;
  readonly wire: number;
  /** A varint, the bytes of a fixed number or of a value, or the fields of a message. */
  readonly value: bigint | Uint8Array | readonly Field[];
}

const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** The fields of a message; null where the bytes are none. */
function fieldsOf(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return null;
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === null || key < 8n || key > 2n ** 32n) return null;
    const [number, wire] = [Number(key >> 3n), Number(key & 7n)];
    const length = wire === 2 ? varint() : null;
    const size = wire === 2 ? Number(length ?? -1n) : (FIXED[wire] ?? -1);
    if (wire === 0) {
      const value = varint();
      if (value === null) return null;
      fields.push({ number, wire, value });
    } else if (size >= 0 && at + size <= bytes.length) {
      const raw = bytes.subarray(at, (at += size));
      fields.push({ number, wire, value: (wire === 2 && size > 3 ? fieldsOf(raw) : null) ?? raw });
    } else return null;
  }
  return fields;
}

function varintBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

const messageOf = (fields: readonly Field[]): Uint8Array => join(...fields.map(encoded));

function encoded({ number, wire, value }: Field): Uint8Array {
  const key = varintBytes(BigInt(number * 8 + wire));
  if (typeof value === "bigint") return join(key, varintBytes(value));
  const bytes = value instanceof Uint8Array ? value : messageOf(value);
  return wire === 2 ? join(key, varintBytes(BigInt(bytes.length)), bytes) : join(key, bytes);
}

function changed(fields: readonly Field[], draws: Draws, pool: readonly Uint8Array[]): readonly Field[] {
  if (fields.length === 0) return [{ number: 1 + draws.below(120), wire: 0, value: BigInt(draws.edge()) }];
  const at = draws.below(fields.length);
  const { number, wire, value } = fields[at];
  if (Array.isArray(value) && draws.chance(0.8))
    return fields.with(at, { number, wire, value: changed(value as readonly Field[], draws, pool) });
  const anew = (change: Partial<Field>): readonly Field[] => fields.with(at, { number, wire, value, ...change });
  const steps: readonly (() => readonly Field[])[] = [
    () =>
      typeof value === "bigint"
        ? anew({ value: draws.chance(0.7) ? BigInt(draws.edge()) : 2n ** 63n + BigInt(draws.word()) })
        : anew({ value: mutateBytes(value instanceof Uint8Array ? value : messageOf(value), draws, pool) }),
    () =>
      value instanceof Uint8Array
        ? anew({ value: value.subarray(0, draws.below(value.length + 1)) })
        : anew({ number: 1 + draws.below(120) }),
    () => anew({ number: draws.pick(fields).number }),
    () => anew({ wire: draws.below(8) }),
    () => fields.toSpliced(at, 1),
    () => fields.toSpliced(draws.below(fields.length), 0, fields[at]),
  ];
  return draws.pick(steps)();
}

export const mutateProtobuf: Mutate = (bytes, draws, pool) => {
  const fields = draws.chance(0.25) ? null : fieldsOf(bytes);
  if (fields === null) return mutateBytes(bytes, draws, pool);
  let mutated: readonly Field[] = fields;
  for (let k = 1 + draws.below(3); k > 0; k--) mutated = changed(mutated, draws, pool);
  return messageOf(mutated);
};

const LENGTH_BYTES = 8;

export const mutateSafetensors: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.3)) return mutateBytes(bytes, draws, pool);
  const end = LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = mutateJson(bytes.subarray(LENGTH_BYTES, end), draws, [bytes.subarray(LENGTH_BYTES, end)]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  return join(length, header, bytes.subarray(end));
};
