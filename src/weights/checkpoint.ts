// A training checkpoint: one safetensors file with the parameters under their names, momentum under "momentum/<name>", the running mean of
// averaged weights, if any, under "average/<name>", and in its metadata its graph and the state of training. Tensors are in Caffe's order, as in every file.
// The random generator needs no state of its own: it is a function of seed and step. A SHA-256 of the values and of the metadata shows damage.
import { sha256Hex } from "../tensor/sha256.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { allFinite } from "../tensor/finite.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "./file-error.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const CHECKPOINT_FORMAT = "striatum-checkpoint-2";
/** The first one had no hash. */
const FORMATS = ["striatum-checkpoint-1", CHECKPOINT_FORMAT];
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
  readonly state: Readonly<Record<string, Json>>;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Momentum by parameter name; parameters that are not trained have none. */
  readonly momentum: ReadonlyMap<string, Tensor>;
  /** Running mean of the weights by parameter name, where a run averages them and has begun to. */
  readonly average?: ReadonlyMap<string, Tensor>;
}

/** A checkpoint of another training graph. It is not damaged: the run that asks for it is another one. */
export class OtherGraph extends Error {}

/** Whether a file with this metadata is a checkpoint, of this version or an earlier one. */
export const isCheckpoint = (metadata: Readonly<Record<string, string>>): boolean => FORMATS.includes(metadata["format"] ?? "");

/** Whether a tensor of a checkpoint file is no parameter, but momentum or a mean. */
export const isState = (name: string): boolean => name.startsWith(MOMENTUM) || name.startsWith(AVERAGE);

/**
 * Encodes a checkpoint in chunks that view the tensors' own memory; the same checkpoint gives the same bytes. Throws, naming the tensor, where a value is
 * NaN or infinite.
 */
export async function writeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array[]> {
  const { graph, step, epoch, seed, state, parameters, momentum, average = new Map<string, Tensor>() } = checkpoint;
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
  const tensors = [...parameters, ...named(MOMENTUM, momentum), ...named(AVERAGE, average)];
  const strange = tensors.find(([, { data }]) => !allFinite(data));
  if (strange) throw new Error(`checkpoint: "${strange[0]}" has values that are not finite`);
  const metadata = {
    format: CHECKPOINT_FORMAT,
    graph,
    step: String(step),
    epoch: String(epoch),
    seed: String(seed),
    state: JSON.stringify(state, refuseNonFinite),
  };
  return writeSafetensors(tensors, { ...metadata, sha256: await hashOf(tensors, metadata) });
}

/** SHA-256 of everything that a checkpoint contains, in hexadecimal. */
async function hashOf(tensors: Iterable<readonly [string, Tensor]>, metadata: Readonly<Record<string, string>>): Promise<string> {
  const lines: string[] = [];
  for (const [name, { shape, data }] of tensors) lines.push(JSON.stringify([name, shape, await digestOf(data)]));
  const facts = Object.entries(metadata).map((entry) => JSON.stringify(entry));
  return sha256Hex([...facts.sort(), ...lines.sort()].join("\n"));
}

/** Computed by the platform, many times as fast as in JavaScript. */
async function digestOf({ buffer, byteOffset, byteLength }: Float32Array): Promise<string> {
  if (!(buffer instanceof ArrayBuffer)) throw new Error("internal: the values of a checkpoint lie in shared memory");
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(buffer, byteOffset, byteLength));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON.stringify writes NaN and infinity as null, and a resumed run would differ without an error. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error(`checkpoint: state "${key}" is ${value}, which JSON cannot represent`);
  return value;
}

/**
 * Decodes a checkpoint of the graph with hash `graph`. Tensors may be views on `bytes`. Throws an Error that names the file where
 * it is damaged or not a checkpoint, and OtherGraph where it is one of another graph.
 */
export async function readCheckpoint(bytes: Uint8Array, file: string, graph: string): Promise<Checkpoint> {
  const { metadata, tensors } = readSafetensors(bytes, file);
  if (metadata["format"] !== CHECKPOINT_FORMAT) {
    const found = metadata["format"] === undefined ? "no format in its metadata" : `format "${metadata["format"]}"`;
    throw fileError(
      file,
      `not a checkpoint: expected format "${CHECKPOINT_FORMAT}", found ${found}. To start from weights alone, load it as weights`,
    );
  }
  if (metadata["graph"] !== graph) {
    throw new OtherGraph(
      `${file}: checkpoint of another graph: ${metadata["graph"]}, this run's is ${graph}. Resume with the network and settings it was made with`,
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
  const checkpoint = {
    graph,
    step: readCount(metadata, "step", file),
    epoch: readCount(metadata, "epoch", file),
    seed: readCount(metadata, "seed", file),
    state: readState(metadata["state"], file),
    parameters,
    momentum,
    ...(average.size > 0 && { average }),
  };
  const { sha256, ...facts } = metadata;
  if ((await hashOf(tensors, facts)) !== sha256) throw fileError(file, "the values are not those that were written: another SHA-256");
  return checkpoint;
}

function readCount(metadata: Readonly<Record<string, string>>, key: string, file: string): number {
  const text = metadata[key] ?? "";
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw fileError(file, `checkpoint: ${key} is "${text}", expected a whole number`);
  return count;
}

function readState(text: string | undefined, file: string): Checkpoint["state"] {
  let state: unknown;
  try {
    state = JSON.parse(text ?? "");
  } catch (cause) {
    throw fileError(file, `checkpoint: state is not JSON (${(cause as Error).message})`);
  }
  if (typeof state !== "object" || state === null || Array.isArray(state) || Object.keys(state).length === 0)
    throw fileError(file, "checkpoint: it has no state of training");
  return state as Checkpoint["state"];
}
