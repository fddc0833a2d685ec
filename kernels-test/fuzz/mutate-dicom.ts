// Mutations of DICOM files by their elements: values, lengths, representations, order. Lengths stay right unless they are what is mutated.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { transferSyntax, type TransferSyntax } from "../../src/dicom/transfer-syntax.ts";
import { LONG_VRS } from "../../src/dicom/dictionary.ts";
import type { Draws } from "./draws.ts";
import { join, mutateBytes, type Mutate } from "./mutate-bytes.ts";

interface Element {
  readonly tag: number;
  /** "" where the syntax has none. */
  readonly vr: string;
  readonly value: Uint8Array;
  /** What the header says instead of the value's length. */
  readonly length?: number;
}

type Form = Pick<TransferSyntax, "explicit" | "bigEndian">;
const META: Form = { explicit: true, bigEndian: false };
const PREFIX = 132;
const UNDEFINED_LENGTH = 0xffffffff;

/** The elements from `from` on, flat: a value of undefined length takes the rest of the file. */
function elementsOf(bytes: Uint8Array, { explicit, bigEndian }: Form, from: number, end: number): Element[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Element[] = [];
  for (let at = from; at + 8 <= end;) {
    const tag = view.getUint16(at, !bigEndian) * 65536 + view.getUint16(at + 2, !bigEndian);
    const vr = explicit ? String.fromCharCode(bytes[at + 4], bytes[at + 5]) : "";
    const header = explicit && LONG_VRS.has(vr) ? 12 : 8;
    const length = header === 8 && explicit ? view.getUint16(at + 6, !bigEndian) : view.getUint32(at + header - 4, !bigEndian);
    const open = length === UNDEFINED_LENGTH;
    const value = bytes.subarray(at + header, open ? end : at + header + length);
    found.push({ tag, vr, value, ...(open && { length }) });
    at += header + value.length;
  }
  return found;
}

function encoded({ tag, vr, value, length = value.length }: Element, { explicit, bigEndian }: Form): Uint8Array {
  const long = !explicit || LONG_VRS.has(vr);
  const header = new Uint8Array(explicit && long ? 12 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, Math.floor(tag / 65536), !bigEndian);
  view.setUint16(2, tag % 65536, !bigEndian);
  if (explicit) header.set(Buffer.from(vr.padEnd(2), "latin1").subarray(0, 2), 4);
  if (long) view.setUint32(header.length - 4, length, !bigEndian);
  else view.setUint16(6, length % 65536, !bigEndian);
  return join(header, value);
}

const VRS = ["US", "SS", "DS", "IS", "OB", "OW", "SQ", "UN", "UI", "CS", "LO", "UT", "AT", "FD", "??"];
const ODD_TEXTS = [
  "",
  "-1",
  "0",
  "NaN",
  "1e999",
  "1\\2",
  "1\\2\\3\\4\\5\\6\\7",
  "1,5",
  "\\",
  "YES",
  "01",
  "DERIVED\\SECONDARY",
  "MONOCHROME1",
  "RGB",
  "9".repeat(64),
  "\0\0",
];
/** Rows, Columns, bits, sign and samples, which say how long the pixels are. */
const isPixelNumber = ({ tag }: Element): boolean => Math.floor(tag / 65536) === 0x28 && tag % 65536 < 0x110;

function changed(elements: readonly Element[], { bigEndian }: Form, draws: Draws, pool: readonly Uint8Array[]): Element[] {
  const numbers = elements.filter(isPixelNumber);
  const one = numbers.length > 0 && draws.chance(0.3) ? draws.pick(numbers) : draws.pick(elements);
  const at = elements.indexOf(one);
  const word = (value: number): Uint8Array => {
    const bytes = Buffer.alloc(2);
    if (bigEndian) bytes.writeUInt16BE(value % 65536);
    else bytes.writeUInt16LE(value % 65536);
    return bytes;
  };
  const text = draws.pick(ODD_TEXTS);
  const withOne = (change: Partial<Element>): Element[] => elements.with(at, { ...one, ...change });
  const steps: readonly (() => Element[])[] = [
    () => withOne({ value: word(draws.edge()) }),
    () => withOne({ value: Buffer.from(text.length % 2 === 0 ? text : `${text} `, "latin1") }),
    () => withOne({ value: mutateBytes(one.value, draws, pool) }),
    () => withOne({ length: draws.chance(0.5) ? draws.edge() : Math.max(0, one.value.length + draws.below(9) - 4) }),
    () => withOne({ value: one.value.subarray(0, draws.below(one.value.length + 1)) }),
    () => withOne({ vr: draws.pick(VRS) }),
    () => withOne({ tag: draws.pick(elements).tag }),
    () => elements.toSpliced(at, 1),
    () => elements.toSpliced(at, 0, one),
    () => elements.toSpliced(draws.below(elements.length), 0, one),
    () =>
      elements.toSpliced(at, 1, {
        tag: one.tag,
        vr: "SQ",
        value: join(...elements.slice(0, 2).map((item) => item.value)),
        length: UNDEFINED_LENGTH,
      }),
  ];
  return draws.pick(steps)();
}

/** A file as `writeCtSlice` writes it, changed in its elements, in group 0002 or behind it; of a deflated one what is deflated is changed. */
export const mutateDicom: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.3)) return mutateBytes(bytes, draws, pool);
  const metaEnd = PREFIX + 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(PREFIX + 8, true);
  let meta = elementsOf(bytes, META, PREFIX, metaEnd);
  const uid = meta.find(({ tag }) => tag === 0x00020010)?.value ?? new Uint8Array(0);
  const syntax = transferSyntax(Buffer.from(uid).toString("latin1").replace(/\0$/, ""));
  const body = syntax.deflated ? new Uint8Array(inflateRawSync(bytes.subarray(metaEnd))) : bytes.subarray(metaEnd);
  let elements = elementsOf(body, syntax, 0, body.length);
  for (let k = draws.chance(0.6) ? 1 : 1 + draws.below(4); k > 0; k--) {
    if (elements.length > 0 && draws.chance(0.9)) elements = changed(elements, syntax, draws, pool);
    else if (meta.length > 0) meta = changed(meta, META, draws, pool);
  }
  const rest = join(...elements.map((element) => encoded(element, syntax)));
  const head = join(bytes.subarray(0, PREFIX), ...meta.map((element) => encoded(element, META)));
  return join(head, syntax.deflated ? deflateRawSync(rest) : rest);
};
