// A training checkpoint: one safetensors file with the parameters under their names, momentum under "momentum/<name>", the running mean of
// averaged weights, if any, under "average/<name>", and in its metadata its graph and the state of training. Tensors are in Caffe's order, as in every file.
// The random generator needs no state of its own: it is a function of seed and step.
import { formatShape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "./file-error.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

export const CHECKPOINT_FORMAT = "striatum-checkpoint-1";
const MOMENTUM = "momentum/";
const AVERAGE = "average/";

/** A value that survives JSON; numbers must be finite. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Checkpoint {
  /** Hash of the training graph: a checkpoint continues that graph and no other. */
  readonly graph: string;
  /** Optimiser steps done. */
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  readonly seed: number;
  /** Other state of the trainer: best score so far, patience, sampler position. */
  readonly state: Json;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Momentum by parameter name; parameters that are not trained have none. */
  readonly momentum: ReadonlyMap<string, Tensor>;
  /** Running mean of the weights by parameter name, where a run averages them and has begun to. */
  readonly average?: ReadonlyMap<string, Tensor>;
}

/** Whether a tensor of a checkpoint file is no parameter, but momentum or a mean. */
export const isState = (name: string): boolean => name.startsWith(MOMENTUM) || name.startsWith(AVERAGE);

/** Encodes a checkpoint in chunks that view the tensors' own memory; the same checkpoint gives the same bytes. */
export function writeCheckpoint({ graph, step, epoch, seed, state, parameters, momentum, average = new Map() }: Checkpoint): Uint8Array[] {
  for (const [what, values] of [
    ["momentum", momentum],
    ["average", average],
  ] as const)
    for (const [name, { shape }] of values) {
      const parameter = parameters.get(name);
      if (parameter === undefined || !sameShape(parameter.shape, shape))
        throw new Error(`checkpoint: ${what} of "${name}" fits no parameter`);
    }
  for (const [what, count] of Object.entries({ step, epoch, seed })) {
    if (!Number.isSafeInteger(count) || count < 0) throw new Error(`checkpoint: ${what} is ${count}, expected a whole number`);
  }
  const named = (prefix: string, values: ReadonlyMap<string, Tensor>): [string, Tensor][] =>
    [...values].map(([name, value]) => [prefix + name, value]);
  return writeSafetensors([...parameters, ...named(MOMENTUM, momentum), ...named(AVERAGE, average)], {
    format: CHECKPOINT_FORMAT,
    graph,
    step: String(step),
    epoch: String(epoch),
    seed: String(seed),
    state: JSON.stringify(state, refuseNonFinite),
  });
}

/** JSON.stringify writes NaN and infinity as null, and a resumed run would differ without an error. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error(`checkpoint: state "${key}" is ${value}, which JSON cannot represent`);
  return value;
}

/**
 * Decodes a checkpoint of the graph with hash `graph`. Tensors may be views on `bytes`. Throws an Error that names the file where
 * it is damaged, not a checkpoint, or a checkpoint of another graph.
 */
export function readCheckpoint(bytes: Uint8Array, file: string, graph: string): Checkpoint {
  const { metadata, tensors } = readSafetensors(bytes, file);
  if (metadata["format"] !== CHECKPOINT_FORMAT) {
    const found = metadata["format"] === undefined ? "no format in its metadata" : `format "${metadata["format"]}"`;
    throw fileError(
      file,
      `not a checkpoint: expected format "${CHECKPOINT_FORMAT}", found ${found}. To start from weights alone, load it as weights`,
    );
  }
  if (metadata["graph"] !== graph) {
    throw fileError(
      file,
      `checkpoint of another graph: ${metadata["graph"]}, this run's is ${graph}. Resume with the network and settings it was made with`,
    );
  }
  const parameters = new Map<string, Tensor>();
  const momentum = new Map<string, Tensor>();
  const average = new Map<string, Tensor>();
  for (const [name, value] of tensors) {
    if (name.startsWith(MOMENTUM)) momentum.set(name.slice(MOMENTUM.length), value);
    else if (name.startsWith(AVERAGE)) average.set(name.slice(AVERAGE.length), value);
    else parameters.set(name, value);
  }
  for (const [what, values] of [
    ["momentum", momentum],
    ["average", average],
  ] as const)
    for (const [name, { shape }] of values) {
      const parameter = parameters.get(name);
      if (parameter === undefined) throw fileError(file, `${what} of "${name}", which is not a parameter in it`);
      if (!sameShape(parameter.shape, shape))
        throw fileError(file, `${what} of "${name}" is ${formatShape(shape)}, its parameter ${formatShape(parameter.shape)}`);
    }
  return {
    graph,
    step: readCount(metadata, "step", file),
    epoch: readCount(metadata, "epoch", file),
    seed: readCount(metadata, "seed", file),
    state: readState(metadata["state"], file),
    parameters,
    momentum,
    ...(average.size > 0 && { average }),
  };
}

function readCount(metadata: Readonly<Record<string, string>>, key: string, file: string): number {
  const text = metadata[key] ?? "";
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw fileError(file, `checkpoint: ${key} is "${text}", expected a whole number`);
  return count;
}

function readState(text: string | undefined, file: string): Json {
  try {
    return JSON.parse(text ?? "") as Json;
  } catch (cause) {
    throw fileError(file, `checkpoint: state is not JSON (${(cause as Error).message})`);
  }
}
