// How steps of gradient descent are launched that take split sums: of several parameters at once. Device code: shaders/joined-steps.wgsl.
import type { UpdateAttributes } from "../ops/update.ts";
import { BYTES_PER_ELEMENT, ceilDiv } from "../tensor/shape.ts";
import { flat, type Launch, type ParameterStep, type Target } from "./kernel.ts";

const WORKGROUP = 64;
/** Parameters that the shader's Dims have room for. */
export const MOST_STEPS = 48;

/** The launch of at most `MOST_STEPS` steps, whose parts lie in the scratch memory `partial`. The port `rate` is that of all. */
export function joinedSteps(steps: readonly ParameterStep[], target: Target): Launch {
  const dims: Record<string, number> = { count: steps.length };
  const places: Record<string, string> = {};
  let workgroups = 0;
  for (let k = 0; k < MOST_STEPS; k++) {
    const step = steps[k] ?? UNUSED;
    const { value, momenta, first, ...numbers } = step;
    const field = (name: string): string => `parameters[${k}].${name}`;
    for (const [name, number] of Object.entries({ firstWorkgroup: workgroups, ...numbers, valueAt: first, momentumAt: first }))
      dims[field(name)] = number;
    if (step === UNUSED) continue;
    places[field("valueAt")] = value;
    places[field("momentumAt")] = momenta;
    workgroups += ceilDiv(step.rows * (step.outputs / 4), WORKGROUP);
  }
  const ports = (of: "value" | "momenta"): string[] => [...new Set(steps.map((step) => step[of]))];
  const sum = (of: (step: ParameterStep) => number): number => steps.reduce((total, step) => total + of(step) * step.rows * step.outputs, 0);
  return {
    shader: "joined-steps.wgsl",
    params: { WORKGROUP },
    dims,
    spans: { values: ports("value"), momenta: ports("momenta") },
    places,
    steps,
    workgroups: flat(workgroups * WORKGROUP, WORKGROUP, target),
    flops: sum(({ parts }) => parts + 5),
    bytes: BYTES_PER_ELEMENT * sum(({ parts }) => parts + 4),
  };
}

/** Whether parameters and momenta can be bound as two ranges of memory: neither is too large, and they do not overlap. */
export function areTwoRanges(
  bytesOf: (ports: readonly string[]) => number | null,
  { values, momenta }: Readonly<Record<"values" | "momenta", readonly string[]>>,
  { maxBindingBytes }: Target,
): boolean {
  const [first, second, both] = [values, momenta, [...values, ...momenta]].map((ports) => bytesOf(ports) ?? Infinity);
  return Math.max(first, second) <= maxBindingBytes && first + second <= both;
}

const UNUSED: ParameterStep = {
  value: "",
  momenta: "",
  first: 0,
  partialAt: 0,
  parts: 0,
  size: 0,
  columns: 0,
  rows: 0,
  outputs: 0,
  momentum: 0,
  decay: 0,
  rateMultiplier: 0,
};

/** A filter whose gradient's parts, each with a last row that is the bias's, are columns of a matrix in `partial`: of one group, if not of all. */
interface FilterSums {
  readonly parts: number;
  /** Elements of a part. */
  readonly size: number;
  /** Where the filter's columns begin, and how many there are of all. */
  readonly partialAt: number;
  readonly columns: number;
  readonly rows: number;
  readonly outputs: number;
  readonly group: number;
  readonly ports: Readonly<Record<"w" | "v" | "bias" | "biasV", string>>;
}

/** The steps of a filter and of its bias. */
export function stepsOf({ rows, group, ports: { w, v, bias, biasV }, ...sums }: FilterSums, update: UpdateAttributes): ParameterStep[] {
  const { partialAt, columns, outputs } = sums;
  const { momentum, decay, rateMultiplier, biasDecay, biasRateMultiplier } = update;
  return [
    { ...sums, value: w, momenta: v, first: group * rows * outputs, rows, momentum, decay, rateMultiplier },
    {
      ...sums,
      value: bias,
      momenta: biasV,
      first: group * outputs,
      partialAt: partialAt + rows * columns,
      rows: 1,
      momentum,
      decay: biasDecay,
      rateMultiplier: biasRateMultiplier,
    },
  ];
}
