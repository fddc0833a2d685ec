// The map of names. A parameter's name is its Caffe layer and its part: "conv1/weight", "inception_3a/5x5_reduce/bias".

const PARTS = ["weight", "bias"] as const;

/** "conv1", blob 0 -> "conv1/weight"; blob 1 -> "conv1/bias". Layers of other networks may have more: "bn1/blob2". */
export const parameterName = (layer: string, blob: number): string => `${layer}/${PARTS[blob] ?? `blob${blob}`}`;

/** "inception_3a/5x5_reduce/bias" -> "inception_3a/5x5_reduce" */
export const layerOf = (parameter: string): string => parameter.slice(0, Math.max(0, parameter.lastIndexOf("/")));

/** The tensor beside the parameters in Striatum's files: the mean that the network subtracts from its input. */
export const INPUT_MEAN = "mean";

/** Our name for a parameter in a safetensors file, where others write "conv1.weight". */
export const fromDotted = (name: string): string => name.replace(/\.(weight|bias)$/, "/$1");
