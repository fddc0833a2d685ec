// Weights at half the size: the parameters of a file of Striatum's as F16, its mean as it is, its metadata kept.
import { INPUT_MEAN } from "./names.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** A copy of a safetensors file with its parameters rounded to F16. The mean of the input stays F32: pixels reach 255, where F16 has steps of 1/8. */
export function halveWeights(bytes: Uint8Array, file: string): Uint8Array[] {
  const { metadata, tensors } = readSafetensors(bytes, file);
  return writeSafetensors(tensors, metadata, { half: (name) => name !== INPUT_MEAN });
}
