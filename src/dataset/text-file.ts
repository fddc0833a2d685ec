// The text of files that people write: lists of cases, names of classes. UTF-8, or UTF-16 as spreadsheets save it; anything else is refused, as guessed letters
// would be wrong ones.

/** The text without a byte order mark. Throws an error that names the file and the line. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes);
  const decode = (part: Uint8Array): string => new TextDecoder(encoding, { fatal: true }).decode(part);
  try {
    return decode(bytes);
  } catch {
    if (encoding !== "utf-8") throw new Error(`${file}: is damaged UTF-16 text; save the file as UTF-8`);
    let line = 1;
    for (let from = 0; from < bytes.length; line++) {
      const newline = bytes.indexOf(0x0a, from);
      const end = newline < 0 ? bytes.length : newline + 1;
      try {
        decode(bytes.subarray(from, end));
      } catch {
        break;
      }
      from = end;
    }
    throw new Error(`${file} line ${line}: is not UTF-8 text; save the file as UTF-8`);
  }
}

const LOOKED_AT = 1000;

/** By the mark at the start, or by where the zero bytes stand that Latin letters have in UTF-16. */
function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const zeros = [0, 0];
  const start = bytes.subarray(0, LOOKED_AT);
  start.forEach((byte, i) => void (byte === 0 && zeros[i % 2]++));
  const [even, odd] = zeros.map((count) => 4 * count > start.length);
  return odd && !even ? "utf-16le" : even && !odd ? "utf-16be" : "utf-8";
}
