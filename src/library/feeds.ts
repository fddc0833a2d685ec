// Pictures as what a network's graphs are fed.
import { allocateBatch, evaluationBatches } from "../dataset/batches.ts";
import { cropToHead } from "../dataset/head-crop.ts";
import { pictureOf, type Image, type Picture } from "../dataset/image.ts";
import type { Network } from "../models/network.ts";
import { pictureSet } from "../train/evaluate.ts";
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
export const storedPicture = ({ network, size, images }: Sight, image: Image): Picture =>
  pictureOf(cropToHead(image, images.headCrop), storedSize(network, size), images.windowHu);

/** An image as the inputs of a graph of one picture. */
export async function feedOf(sight: Sight, image: Image): Promise<Feed> {
  const [feed] = await feedsOf(sight, [storedPicture(sight, image)], 1);
  return feed;
}

/** Stored pictures as batches, the last one filled up with black. */
export async function feedsOf({ network, size }: Sight, pictures: readonly Picture[], batch: number): Promise<Feed[]> {
  const source = evaluationBatches(pictureSet({ network, size }, pictures), { batch, crop: size });
  return Promise.all(
    Array.from({ length: Math.ceil(pictures.length / batch) }, async (_, step) => {
      const into = allocateBatch(batch, source.size);
      await source.fill(step, into);
      return into;
    }),
  );
}
