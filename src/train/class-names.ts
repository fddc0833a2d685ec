// Names of classes that neither a file of weights nor its user names.
import type { TrainedNetwork } from "./pretrained.ts";

/**
 * The network with the names of ILSVRC2012's classes where its 1000 classes have none. Caffe's files carry no names, and those of 1000 classes that are
 * published are in that order; files that Striatum writes carry their own.
 */
export async function withClassNames(trained: TrainedNetwork): Promise<TrainedNetwork> {
  if (trained.named || trained.classes.length !== 1000) return trained;
  const { IMAGENET_CLASSES } = await import("../models/imagenet-classes.ts");
  return { ...trained, classes: IMAGENET_CLASSES };
}
