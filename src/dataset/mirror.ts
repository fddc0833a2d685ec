// What a mirror does to labels: the patient's left and right change places.

/**
 * The class that each class becomes when its image is mirrored: a class with the word left or right becomes the one with the other word,
 * every other class stays. Throws if there is no such other class: a mirrored image would then teach the wrong side.
 */
export function mirroredClasses(classes: readonly string[]): number[] {
  return classes.map((name) => {
    const other = name.replace(/(?<![a-z])(left|right)(?![a-z])/gi, (word) => (word.toLowerCase() === "left" ? "right" : "left"));
    const index = classes.findIndex((candidate) => candidate.toLowerCase() === other.toLowerCase());
    if (index < 0) {
      throw new Error(
        `mirror: the class "${name}" has no mirrored class "${other}"; turn off mirroring and augmentation, or add the class`,
      );
    }
    return index;
  });
}
