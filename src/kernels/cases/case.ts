// What a case of an op is, as data: its inputs' shapes, what they are filled with, attributes. Tests,
// `npx striatum verify` and the self-test of `npx striatum doctor` run the same lists.
import type { Op, Ports } from "../../graph/op.ts";
import type { OpName } from "../../ops/index.ts";
import type { DType, Shape } from "../../tensor/shape.ts";
import type { Target } from "../kernel.ts";

/** What an input holds; random values are a function of the port and the element. */
export type Fill =
  | { readonly normal: number }
  | { readonly wholeBelow: number }
  | { readonly bytesBelow: number }
  | { readonly values: readonly number[] }
  | { readonly resultOf: OpName };

export interface CaseInput {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly fill: Fill;
}

export interface Case<P = any, A = any> {
  readonly inputs: Ports<P, CaseInput>;
  readonly attributes: A;
  /** Inputs that are states, and so lie in one buffer. What the op overwrites is a state anyway. */
  readonly states?: readonly string[];
  /** Another adapter's limits: small bindings make slices, few workgroups in a row make rows of them. */
  readonly target?: Partial<Target>;
}

/** The cases of one op by what sets them apart: a control first, then one deviation each. */
export type Cases<O> = O extends Op<infer P, infer _Q, infer A> ? Readonly<Record<string, Case<P, A>>> : never;

/** Normally distributed float32 values; `deviation` is their spread. */
export const normal = (shape: Shape, deviation = 1): CaseInput => ({ shape, dtype: "f32", fill: { normal: deviation } });

/** Whole float32 numbers from 0 to below - 1: few, so that many are equal. */
export const ties = (shape: Shape, below = 3): CaseInput => ({ shape, dtype: "f32", fill: { wholeBelow: below } });

/** Whole u32 numbers from 0 to below - 1: labels, pixels, offsets. */
export const whole = (shape: Shape, below: number): CaseInput => ({ shape, dtype: "u32", fill: { wholeBelow: below } });

/** u32 words of four bytes, each from 0 to below - 1: taps of windows. */
export const bytes = (shape: Shape, below: number): CaseInput => ({ shape, dtype: "u32", fill: { bytesBelow: below } });

export const floats = (...values: number[]): CaseInput => ({ shape: [values.length], dtype: "f32", fill: { values } });
export const words = (...values: number[]): CaseInput => ({ shape: [values.length], dtype: "u32", fill: { values } });

/** What another op makes of the inputs before this one and of the same attributes. */
export const resultOf = (op: OpName, shape: Shape): CaseInput => ({ shape, dtype: "f32", fill: { resultOf: op } });
