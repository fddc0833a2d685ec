// The formats that people take for pictures and CT slices and that are none, by their first bytes: one table for every message that refuses a file.

type Test = readonly [what: string, at: number, ...magics: string[]];

/** The first that fits counts. */
const FORMATS: readonly Test[] = [
  ["a zip archive: unpack it", 0, "PK\x03\x04"],
  ["a gzip archive: unpack it", 0, "\x1f\x8b"],
  ["a 7z archive: unpack it", 0, "7z\xbc\xaf"],
  ["a RAR archive: unpack it", 0, "Rar!"],
  ["a PDF", 0, "%PDF"],
  ["a Git LFS pointer, not the file itself: fetch it with git lfs pull", 0, "version https://git-lfs"],
  ["a WebP picture: save it as PNG", 8, "WEBP"],
  ["a GIF picture: save it as PNG", 0, "GIF8"],
  ["a BMP picture: save it as PNG", 0, "BM"],
  ["a TIFF picture: save it as PNG", 0, "II*\0", "MM\0*", "II+\0", "MM\0+"],
  ["a HEIC picture: save it as PNG", 4, "ftyphe", "ftypmif1", "ftypmsf1"],
  ["an AVIF picture: save it as PNG", 4, "ftypavi"],
  ["a video: save its frames as PNG", 4, "ftyp"],
  ["a JPEG 2000 picture: save it as PNG", 0, "\0\0\0\x0cjP  ", "\xff\x4f\xff\x51"],
  ["a JPEG XL picture: save it as PNG", 0, "\0\0\0\x0cJXL ", "\xff\x0a"],
  ["a Photoshop document: save it as PNG", 0, "8BPS"],
  ["a portable anymap: save it as PNG", 0, "P1\n", "P2\n", "P3\n", "P4\n", "P5\n", "P6\n"],
  ["a NIfTI volume: convert its slices to DICOM or PNG", 0, "\x5c\x01\0\0"],
  ["an NRRD volume: convert its slices to DICOM or PNG", 0, "NRRD"],
  ["a MetaImage volume: convert its slices to DICOM or PNG", 0, "ObjectType"],
  ["a NumPy array: convert its slices to DICOM or PNG", 0, "\x93NUMPY"],
  ["HDF5: convert its slices to DICOM or PNG", 0, "\x89HDF"],
];

const LONGEST = 64;

/** What a file that is neither DICOM nor PNG nor JPEG seems to be; null where it is nothing known. */
export function foreignFormat(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return "an empty file (0 bytes)";
  const start = String.fromCharCode(...bytes.subarray(0, LONGEST));
  const known = FORMATS.find(([, at, ...magics]) => magics.some((magic) => start.startsWith(magic, at)));
  if (known) return known[0];
  const text = start
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart()
    .toLowerCase();
  if (/^<(!doctype html|html|head|body)/.test(text)) return "a web page, not the file itself: the download failed";
  if (/^<(\?xml|svg)/.test(text)) return "XML or SVG: save it as PNG";
  return null;
}
