// Which weight an address names: "conv2/3x3/o=5,i=3,y=1,x=2", "fc8/o=1,i=7", "conv1/bias/o=3".
import type { ParameterInfo } from "striatum/inspect";

/** One value of a parameter, by its place in Caffe's order. */
export interface Place {
  readonly parameter: ParameterInfo;
  /** Output, input, row and column; output and input of inner products; output of biases. */
  readonly at: readonly number[];
  /** Its index in the parameter. */
  readonly index: number;
}

export const AXES = ["o", "i", "y", "x"] as const;

/** The weight of a path; of one that names none, the middle of the first layer's first filter. */
export function placeOf(path: string, parameters: readonly ParameterInfo[]): Place {
  const [, named = path, numbers = ""] = /^(.*?)\/?((?:[oiyx]=\d+,?)+)$/.exec(path) ?? [];
  const parameter =
    parameters.find(({ name }) => name === named) ?? parameters.find(({ name }) => name === `${named}/weight`) ?? parameters[0];
  const { shape } = parameter;
  const given = new Map(numbers.split(",").map((pair) => pair.split("=") as [string, string]));
  const at = shape.map((extent, axis) => {
    const middle = axis > 1 ? Math.floor(extent / 2) : 0;
    const value = given.get(AXES[axis]);
    return Math.min(extent - 1, value === undefined ? middle : Number(value));
  });
  return { parameter, at, index: at.reduce((index, value, axis) => index * shape[axis] + value, 0) };
}

/** The path of a weight. */
export function pathOf({ name }: Pick<ParameterInfo, "name">, at: readonly number[]): string {
  return `${name.replace(/\/weight$/, "")}/${at.map((value, axis) => `${AXES[axis]}=${value}`).join(",")}`;
}
