// What a file is, by its first bytes and never by its name, and how a picture file becomes pixels.
import type { Inflate } from "../dicom/data-set.ts";
import { foreignFormat } from "./formats.ts";
import type { DecodedPicture, Picture } from "./image.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodePng } from "./png.ts";

export type FileKind = "png" | "jpeg" | "dicom" | "unknown";

const startsWith = (bytes: Uint8Array, magic: readonly number[], at = 0): boolean => magic.every((byte, i) => bytes[at + i] === byte);

/** The kind of a file. A DICOM file without a preamble is "unknown". */
export function sniff(bytes: Uint8Array): FileKind {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "png";
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return "jpeg";
  if (startsWith(bytes, [0x44, 0x49, 0x43, 0x4d], 128)) return "dicom";
  return "unknown";
}

/**
 * Decodes a PNG or JPEG file, the right way up. Throws an error that names it for anything else, for damage, and for more than 10,000 pixels per
 * side.
 */
export async function decodePicture(bytes: Uint8Array, file: string, { inflate }: { readonly inflate: Inflate }): Promise<DecodedPicture> {
  const kind = sniff(bytes);
  try {
    if (kind === "png") return await decodePng(bytes, inflate);
    if (kind === "jpeg") return await decodeJpeg(bytes);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : "cannot be decoded"}`, { cause: error });
  }
  const other = kind === "dicom" ? "a DICOM file, neither PNG nor JPEG" : foreignFormat(bytes);
  throw new Error(`${file}: is ${other ?? "neither PNG nor JPEG"}`);
}

/** The picture alone. */
export const readPicture = async (...args: Parameters<typeof decodePicture>): Promise<Picture> => (await decodePicture(...args)).picture;
