// For tests: files element by element, with sequences and whatever else write-slice.ts never writes.
import { ATTRIBUTES, LONG_VRS, type Keyword } from "./dictionary.ts";
import { SYNTAXES, type TransferSyntax } from "./transfer-syntax.ts";

/** Text, a word, bytes, or the items of a sequence. */
type Value = string | number | Uint8Array | readonly Elements[];
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
    else content = value.map(bytesOf).flatMap((item) => [0xfe, 0xff, 0x00, 0xe0, ...word(item.length), ...item]);
    const isFragments = keyword === "PixelData" && content[0] === 0xfe;
    const length = isFragments ? [255, 255, 255, 255] : word(content.length);
    const long = LONG_VRS.has(vr);
    return [...hex, ...text(vr), ...(long ? [0, 0, ...length] : length.slice(0, 2)), ...content];
  });
}

/** A whole file. */
export function fileOf(elements: Elements, { uid }: TransferSyntax = SYNTAXES.explicit): Uint8Array {
  const meta = bytesOf({ TransferSyntaxUID: uid });
  return Uint8Array.from([...new Uint8Array(128), ...text("DICM"), ...meta, ...bytesOf(elements)]);
}
