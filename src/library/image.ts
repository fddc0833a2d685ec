// Pictures for the networks. Decoders are loaded on first use.
import type { Picture } from "../dataset/image.ts";
import { hostPlatform, readSource, type Source } from "./host.ts";

/** Decodes a PNG or JPEG, to the same pixels on every host. Throws an error that names the source for anything else and for damage. */
export async function loadImage(source: Source): Promise<Picture> {
  const [platform, { readPicture }] = await Promise.all([hostPlatform(), import("../dataset/picture.ts")]);
  const { bytes, file } = await readSource(platform, source);
  return readPicture(bytes, file, platform);
}
