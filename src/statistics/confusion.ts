// Class probabilities to scores and classes.

/** Floor of a probability: half the smallest positive number of float32, the networks' precision. */
const LEAST = 2 ** -150;

/** ln(P(positive) / P(negative)) of two probabilities that need not sum to 1: near 1 the sum of the others keeps what 1 - p loses. */
export const logOdds = (positive: number, negative: number): number =>
  Math.log(Math.max(positive, LEAST)) - Math.log(Math.max(negative, LEAST));

/** The class of the highest probability, the first of equals. */
export const likeliestClass = (probabilities: readonly number[]): number => probabilities.indexOf(Math.max(...probabilities));

/** [truth][said], counts. Classes are numbers below `classes`. */
export function confusionMatrix(truth: readonly number[], said: readonly number[], classes: number): number[][] {
  if (truth.length !== said.length)
    throw new Error(`confusionMatrix: expected the same cases of both, got ${truth.length} and ${said.length}`);
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  truth.forEach((label, i) => {
    if (!(label in counts && said[i] in counts)) {
      throw new Error(`confusionMatrix: case ${i} is of class ${label}, said ${said[i]}; expected 0 to ${classes - 1}`);
    }
    counts[label][said[i]]++;
  });
  return counts;
}
