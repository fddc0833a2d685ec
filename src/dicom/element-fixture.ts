// For tests: files element by element, with sequences and whatever else write-slice.ts never writes.
import { ATTRIBUTES, LONG_VRS, type Keyword } from "./dictionary.ts";
import { SYNTAXES, type TransferSyntax } from "./transfer-syntax.ts";

/** Text, a word, bytes, the items of a sequence, or those of one whose type its writer did not know. */
type Value = string | number | Uint8Array | readonly Elements[] | { readonly unknown: readonly Elements[]; readonly hasLength: boolean };
export type Elements = { readonly [K in Keyword]?: Value };

const text = (value: string): number[] => Array.from(value.length % 2 ? `${value} ` : value, (letter) => letter.charCodeAt(0));
const word = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

/** Explicit VR little endian, ascending tags, sequences of defined length. */
function bytesOf(elements: Elements): number[] {
  const keywords = (Object.keys(elements) as Keyword[]).sort((a, b) => (ATTRIBUTES[a][0] < ATTRIBUTES[b][0] ? -1 : 1));
  return keywords.flatMap((keyword) => {
    const [tag, vr] = ATTRIBUTES[keyword];
    const hex = [tag.slice(3, 5), tag.slice(1, 3), tag.slice(7, 9), tag.slice(5, 7)].map((pair) => Number.parseInt(pair, 16));
    const value = elements[keyword] as Value;
    let content: number[];
    if (typeof value === "string") content = text(value);
    else if (typeof value === "number") content = word(value).slice(0, 2);
    else if (value instanceof Uint8Array) content = [...value];
    else if ("unknown" in value) return unknownSequence(hex, value);
    else content = value.map(bytesOf).flatMap((item) => [0xfe, 0xff, 0x00, 0xe0, ...word(item.length), ...item]);
    const isFragments = keyword === "PixelData" && content[0] === 0xfe;
    const length = isFragments ? [255, 255, 255, 255] : word(content.length);
    const long = LONG_VRS.has(vr);
    return [...hex, ...text(vr), ...(long ? [0, 0, ...length] : length.slice(0, 2)), ...content];
  });
}

/** A sequence as VR UN: implicit VR little endian inside, with items of undefined length (PS3.5 6.2.2, note 4; correction CP-246). */
function unknownSequence(
  hex: readonly number[],
  { unknown, hasLength }: { readonly unknown: readonly Elements[]; readonly hasLength: boolean },
): number[] {
  const ends = [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0];
  const items = unknown.flatMap((item) => [0xfe, 0xff, 0x00, 0xe0, 255, 255, 255, 255, ...implicitBytesOf(item), ...ends]);
  const head = [...hex, ...text("UN"), 0, 0];
  return hasLength
    ? [...head, ...word(items.length), ...items]
    : [...head, 255, 255, 255, 255, ...items, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
}

/** Implicit VR little endian; sequences have an undefined length. */
function implicitBytesOf(elements: Elements): number[] {
  const keywords = (Object.keys(elements) as Keyword[]).sort((a, b) => (ATTRIBUTES[a][0] < ATTRIBUTES[b][0] ? -1 : 1));
  return keywords.flatMap((keyword) => {
    const [tag] = ATTRIBUTES[keyword];
    const hex = [tag.slice(3, 5), tag.slice(1, 3), tag.slice(7, 9), tag.slice(5, 7)].map((pair) => Number.parseInt(pair, 16));
    const value = elements[keyword];
    if (typeof value === "string") return [...hex, ...word(text(value).length), ...text(value)];
    if (!Array.isArray(value)) throw new Error("implicitBytesOf: expected text or items");
    const items = (value as readonly Elements[])
      .map(implicitBytesOf)
      .flatMap((item) => [0xfe, 0xff, 0x00, 0xe0, ...word(item.length), ...item]);
    return [...hex, 255, 255, 255, 255, ...items, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
  });
}

/** A whole file. */
export function fileOf(elements: Elements, { uid }: TransferSyntax = SYNTAXES.explicit): Uint8Array {
  const meta = bytesOf({ TransferSyntaxUID: uid });
  return Uint8Array.from([...new Uint8Array(128), ...text("DICM"), ...meta, ...bytesOf(elements)]);
}
