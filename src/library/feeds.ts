// Pictures as what a network's graphs are fed.
import { pictureOf, type Image, type Picture } from "../dataset/image.ts";
import { allocateBatch, cropInMiddle, packPicture } from "../dataset/stored-batch.ts";
import type { Network } from "../models/network.ts";
import { storedSize } from "../train/graphs.ts";
import type { ImageSettings } from "../train/image-settings.ts";

/** What decides how a network sees a picture. */
export interface Sight {
  readonly network: Network;
  readonly size: number;
  readonly images: ImageSettings;
}

export interface Feed {
  readonly pixels: Uint32Array;
  readonly placement: Uint32Array;
}

/** A picture as the network's stored image. */
export async function storedPicture({ network, size, images }: Sight, image: Image): Promise<Picture> {
  const { headCrop, windowHu } = images;
  const seen = headCrop === undefined ? image : (await import("../dataset/head-crop.ts")).cropToHead(image, headCrop);
  return pictureOf(seen, storedSize(network, size), windowHu);
}

/** An image as the inputs of a graph of one picture. */
export async function feedOf(sight: Sight, image: Image): Promise<Feed> {
  const [feed] = feedsOf(sight, [await storedPicture(sight, image)], 1);
  return feed;
}

/** Stored pictures as batches, the last one filled up with black. */
export function feedsOf({ network, size }: Sight, pictures: readonly Picture[], batch: number): Feed[] {
  const stored = storedSize(network, size);
  return Array.from({ length: Math.ceil(pictures.length / batch) }, (_, step) => {
    const into = allocateBatch(batch, stored);
    cropInMiddle(into, stored, size);
    for (const [slot, picture] of pictures.slice(step * batch, (step + 1) * batch).entries()) packPicture(picture, into, slot);
    return into;
  });
}
