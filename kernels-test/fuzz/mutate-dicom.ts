// Mutations of DICOM files by their elements: values, lengths, representations, order. Lengths stay right unless they are what is mutated.
import { encodeFile, META, parseFile, UNDEFINED_LENGTH, type Element, type Form } from "./dicom-elements.ts";
import type { Draws } from "./draws.ts";
import { join, mutateBytes, type Mutate } from "./mutate-bytes.ts";

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
  const file = parseFile(bytes);
  const { syntax } = file;
  let { meta, elements } = file;
  for (let k = draws.chance(0.6) ? 1 : 1 + draws.below(4); k > 0; k--) {
    if (elements.length > 0 && draws.chance(0.9)) elements = changed(elements, syntax, draws, pool);
    else if (meta.length > 0) meta = changed(meta, META, draws, pool);
  }
  return encodeFile({ ...file, meta, elements });
};
