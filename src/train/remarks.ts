// What a person should know of the images before hours of training: sets from which nothing can be learnt, or by which nothing can be judged.
import type { ImageSet } from "../dataset/dataset.ts";

/** Images that are looked at, spread over a set. */
const SAMPLE = 24;

export async function remarksOn(training: ImageSet, validation: ImageSet): Promise<string[]> {
  const remarks: string[] = [];
  const only = onlyClass(training);
  if (only !== null) remarks.push(`all training images are of the class ${JSON.stringify(only)}: there is nothing to separate`);
  const judged = onlyClass(validation);
  if (judged !== null)
    remarks.push(
      `all validation images are of the class ${JSON.stringify(judged)}: there is no area under the ROC curve, and the best epoch is the one that favours this class most`,
    );
  for (const [what, set] of [
    ["training", training],
    ["validation", validation],
  ] as const)
    if (await isFlat(set))
      remarks.push(`the ${what} images that were looked at are of one grey level each: wrong window, or damaged files?`);
  return remarks;
}

/** The class of all images, where they have one in common. */
function onlyClass({ length, labels, classes }: ImageSet): string | null {
  return length > 0 && labels.every((label) => label === labels[0]) ? classes[labels[0]] : null;
}

async function isFlat(set: ImageSet): Promise<boolean> {
  if (set.length === 0) return false;
  const count = Math.min(SAMPLE, set.length);
  for (let i = 0; i < count; i++) {
    const { data, channels } = await set.read(Math.floor((i * set.length) / count));
    if (data.some((value, at) => value !== data[at % channels])) return false;
  }
  return true;
}
