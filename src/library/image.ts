// Pictures for the networks.
import type { Picture } from "../dataset/image.ts";
import { readPicture } from "../dataset/picture.ts";
import { hostPlatform, readSource, type Source } from "./host.ts";

/** Decodes a PNG or JPEG, to the same pixels on every host. Throws an error that names the source for anything else and for damage. */
export async function loadImage(source: Source): Promise<Picture> {
  const platform = await hostPlatform();
  const { bytes, file } = await readSource(platform, source);
  return readPicture(bytes, file, platform);
}
