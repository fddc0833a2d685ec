// Pictures for the networks. Decoders are loaded on first use.
import type { Picture } from "../dataset/image.ts";
import { hostPlatform } from "./host.ts";
import type { PictureInput } from "./pictures.ts";

/**
 * A picture as 8-bit grey or colour, the right way up (EXIF), the same pixels on every host for a PNG or a JPEG. What is transparent is laid on white, and
 * 16-bit values are divided by 257: Hounsfield units in a PNG need a window and belong in a folder whose list has a column rescale. Throws a TypeError for
 * what is not a picture, and an error that names the source where it cannot be had, is neither PNG nor JPEG, is damaged, or has more than 10,000 pixels a side;
 * a JPEG of over 2^24 pixels is refused, too.
 */
export async function loadImage(source: PictureInput): Promise<Picture> {
  const [platform, { pictureOfInput }, { inBytes }] = await Promise.all([
    hostPlatform(),
    import("./pictures.ts"),
    import("../dataset/image.ts"),
  ]);
  return inBytes(await pictureOfInput(platform, source), { centerHu: 0, widthHu: 1 });
}
