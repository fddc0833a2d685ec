// What the options of `openDevice` and `load` may be. Loaded with the first call.
import { callback, expectKind, expectOptions, flag, kind, object, oneOf, signal, text, texts, whole } from "./check.ts";
import { FAMILIES, NAMED_FAMILIES } from "../kernels/kernel.ts";
import { isIntegrity } from "../platform/download.ts";
import { isSource, SOURCES } from "./read-source.ts";

export const KERNEL_FAMILY = oneOf(...FAMILIES, ...NAMED_FAMILIES);
const SOURCE = kind(isSource, SOURCES);

/** Throws a TypeError for an option that does not exist, is of another kind, or excludes another. */
export function expectDeviceOptions(options: object): void {
  expectOptions("openDevice", options, {
    adapter: text,
    powerPreference: oneOf("high-performance", "low-power"),
    forceFallbackAdapter: flag,
    device: kind((value) => typeof (value as GPUDevice | null)?.createBuffer === "function", "a GPUDevice"),
    timestamps: flag,
    kernels: KERNEL_FAMILY,
    tuningTable: SOURCE,
  });
  for (const name of ["adapter", "powerPreference", "forceFallbackAdapter"] as const)
    if ("device" in options && name in options)
      throw new TypeError(`openDevice: device and ${name} exclude each other: a device has its adapter`);
}

const SPLIT = kind((value) => {
  const { train, val } = Object(value) as { readonly train?: unknown; readonly val?: unknown };
  return [train, val].every((part) => typeof part === "number" && part >= 0);
}, "{ train, val }");

/** Throws a TypeError for what is not a path and for an option that does not exist or is of another kind. */
export function expectFolder(dir: unknown, options: object): void {
  expectKind("folder: the path", dir, text);
  expectOptions("folder", options, { classes: texts, split: SPLIT, seed: whole(0) });
}

/** Throws a TypeError for a member of a request that does not exist or is of another kind. */
export function expectTrain(request: { readonly model: unknown; readonly data: unknown; readonly out: unknown }): void {
  const kinds = {
    model: object("a model: what a network such as alexnet() returns"),
    data: object("what folder() returns"),
    batch: whole(1),
    epochs: whole(1),
    seed: whole(0),
    solver: object("what sgd() returns"),
    rate: object("what fixedLr(), stepLr() or polyLr() returns"),
    mirror: flag,
    out: text,
    signal,
  };
  expectOptions("train", request, kinds);
  for (const name of ["model", "data", "out"] as const) expectKind(`train: ${name}`, request[name], kinds[name]);
}

/** Throws a TypeError for what is not a source and for an option that does not exist or is of another kind. */
export function expectLoad(source: unknown, options: object): void {
  expectKind("load: the weights", source, SOURCE);
  expectOptions("load", options, {
    labels: texts,
    mean: SOURCE,
    onProgress: callback,
    signal,
    integrity: kind(isIntegrity, '"sha256-" (or sha1, sha384, sha512) and the digest in base64'),
    cache: kind((value) => typeof value === "boolean" || (typeof value === "string" && value !== ""), "true, false or a folder"),
  });
}
