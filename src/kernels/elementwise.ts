// Kernels that treat their tensors as lists of elements: one shader, compiled for single elements (textbook) and for four at once (vector).
// Every buffer is padded to 16 bytes, so that the last vector of four may reach beyond the last element.
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { flat, type Call, type Kernel, type Launch, type Lowering } from "./kernel.ts";
import { overElements } from "./slices.ts";

const WORKGROUP = 64;

export interface Elementwise<A> {
  readonly shader: string;
  /** The variables that are cut into slices together; the shape of the first decides how many elements there are. */
  readonly tensors: readonly [string, ...string[]];
  /** Operations per element. */
  readonly flops: number;
  /** Further fields of Dims; `first` is the first element of the slice. */
  readonly dims?: (attributes: A, first: number) => Record<string, number>;
}

/** The textbook and the vector family of an element-wise op. */
export function elementwise<P, Q, A>({ shader, tensors, flops, dims }: Elementwise<A>): Kernel<P, Q, A> {
  const lower =
    (vector: 1 | 4) =>
    ({ inputs, outputs, attributes, target }: Call<P, Q, A>): Lowering => {
      const types = { ...inputs, ...outputs } as Record<string, { shape: Shape }>;
      const size = sizeOf(types[tensors[0]].shape);
      const launch = (first: number, count: number): Launch => ({
        shader,
        params: { WORKGROUP, Vector: vector === 4 ? "vec4f" : "f32" },
        dims: { count, ...dims?.(attributes, first * vector) },
        workgroups: flat(count, WORKGROUP, target),
        flops: flops * count * vector,
        bytes: 4 * tensors.length * count * vector,
      });
      return { launches: overElements(size, vector, tensors, target, launch) };
    };
  return { textbook: lower(1), vector: lower(4) };
}
