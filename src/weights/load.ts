// Weights for a network from any supported file, by Caffe's rules: layers are matched by name, layers that get a new output
// are skipped and start from their fillers, and one error lists everything that does not fit. Tensors are in Caffe's order.
import { formatShape, sameShape, type Shape } from "../tensor/shape.ts";
import { allFinite } from "../tensor/finite.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { readCaffemodel } from "./caffemodel.ts";
import { isCheckpoint, isState } from "./checkpoint.ts";
import { fileError } from "./file-error.ts";
import { foreignWeights, shardHint } from "./foreign-weights.ts";
import { fromDotted, INPUT_MEAN, layerOf, parameterName } from "./names.ts";
import { looksLikeSafetensors, readSafetensors } from "./safetensors.ts";

export interface LoadOptions {
  /** Layers whose tensors are new, as for another number of classes: the file's are skipped. */
  readonly renameLast?: readonly string[];
  /** Whether a parameter ("loss1/conv/weight") may be missing in the file and start from its filler. None may unless this says so. */
  readonly allowFresh?: (parameter: string) => boolean;
  /** Layers that only training has (`Network.auxiliary`): the file may hold them although the network lacks them. Default: none. */
  readonly auxiliary?: readonly string[];
}

export interface LoadedWeights {
  /** Values by parameter name, in the shapes and order asked for; may be views on the file's bytes. */
  readonly values: Map<string, Tensor>;
  /** Parameters that are not in the file: initialize them with their fillers. */
  readonly fresh: string[];
  /** Parameters of the file that were not used. */
  readonly ignored: string[];
}

/**
 * Reads a .caffemodel or a safetensors file, distinguished by content, and fits it to the parameters `expected` (name to shape).
 * Momentum and means in a training checkpoint and the input's mean are ignored. Throws an Error that names the file: damaged, of another
 * network, or, in one list, every missing, surplus, misshapen and non-finite parameter with what to do.
 */
export function loadWeights(
  bytes: Uint8Array,
  file: string,
  expected: ReadonlyMap<string, Shape>,
  options: LoadOptions = {},
): LoadedWeights {
  const { renameLast = [], allowFresh = () => false, auxiliary = [] } = options;
  const isAuxiliary = (parameter: string): boolean => auxiliary.includes(layerOf(parameter));
  const renamed = new Set(renameLast);
  const layers = new Set([...expected.keys()].map(layerOf));
  for (const layer of renamed) {
    if (!layers.has(layer))
      throw new Error(`renameLast: the network has no layer "${layer}" with weights; its layers: ${listed([...layers])}`);
  }

  const found = readWeights(bytes, file);
  const wanted = [...expected].filter(([name]) => !renamed.has(layerOf(name)));
  if (wanted.length > 0 && !wanted.some(([name]) => found.has(name))) {
    throw fileError(
      file,
      `weights of another network: none of its ${found.size} parameters (${listed([...found.keys()])}) is among the ${wanted.length} expected ` +
        `(${listed(wanted.map(([name]) => name))}). Check that the file and the network belong together${shardHint(file)}`,
    );
  }

  const values = new Map<string, Tensor>();
  const fresh: string[] = [];
  const ignored = [...found.keys()].filter((name) => !expected.has(name) || renamed.has(layerOf(name)));
  const surplus = ignored.filter((name) => !expected.has(name) && !isAuxiliary(name));
  const misfit: Misfit = { missing: [], misshapen: [], nonFinite: [], surplus };
  for (const [name, shape] of expected) {
    const value = found.get(name);
    if (renamed.has(layerOf(name))) fresh.push(name);
    else if (value === undefined) (allowFresh(name) ? fresh : misfit.missing).push(name);
    else if (!fits(value.shape, shape)) misfit.misshapen.push({ name, found: value.shape, wanted: shape });
    else if (!allFinite(value.data)) misfit.nonFinite.push(name);
    else values.set(name, { shape, data: value.data });
  }

  const problems = explain(misfit, isAuxiliary);
  if (problems.length > 0) throw fileError(file, `does not fit the network${shardHint(file)}:\n  ${problems.join("\n  ")}`);
  return { values, fresh, ignored };
}

/** All parameters of a .caffemodel or safetensors file under our names, in file order and in the file's own shapes. */
export function readWeights(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const named = looksLikeSafetensors(bytes) ? namedSafetensors(bytes, file) : namedBlobs(bytes, file);
  const weights = new Map<string, Tensor>();
  for (const [name, value] of named) {
    if (weights.has(name)) throw fileError(file, `parameter "${name}" occurs twice`);
    weights.set(name, value);
  }
  return weights;
}

function namedSafetensors(bytes: Uint8Array, file: string): [string, Tensor][] {
  const { metadata, tensors } = readSafetensors(bytes, file);
  const ofTraining = isCheckpoint(metadata);
  return [...tensors]
    .filter(([name]) => name !== INPUT_MEAN && !(ofTraining && isState(name)))
    .map(([name, value]) => [fromDotted(name), value]);
}

function namedBlobs(bytes: Uint8Array, file: string): [string, Tensor][] {
  const stranger = foreignWeights(bytes);
  if (stranger !== null) throw fileError(file, stranger);
  return readCaffemodel(bytes, file).layers.flatMap(({ name, blobs }) =>
    blobs.map((blob, index): [string, Tensor] => [parameterName(name, index), blob]),
  );
}

/** Four legacy extents less the ones that fill them up from the left (Caffe's Blob::ShapeEquals); other shapes as they are. */
function aligned(found: Shape, rank: number): Shape {
  const filled = found.length === 4 && rank < 4 && found.slice(0, 4 - rank).every((extent) => extent === 1);
  return filled ? found.slice(4 - rank) : found;
}

const fits = (found: Shape, wanted: Shape): boolean => sameShape(aligned(found, wanted.length), wanted);

/** Equal but for the outputs, the first extent: what a new number of classes does. */
function differsInOutputs(found: Shape, wanted: Shape): boolean {
  const bare = aligned(found, wanted.length);
  return bare.length === wanted.length && sameShape(bare.slice(1), wanted.slice(1));
}

interface Misfit {
  readonly missing: string[];
  readonly misshapen: { readonly name: string; readonly found: Shape; readonly wanted: Shape }[];
  readonly nonFinite: string[];
  readonly surplus: string[];
}

const SHOWN = 6;

const listed = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "");

/** One line per kind of misfit, each with what to do. */
function explain({ missing, misshapen, nonFinite, surplus }: Misfit, isAuxiliary: (parameter: string) => boolean): string[] {
  const lines: string[] = [];
  if (missing.length > 0) {
    const advice = missing.every(isAuxiliary)
      ? "the file was made for inference: allow the auxiliary heads to be initialized (allowFresh), or use a file that has them"
      : "use a complete file, or allow these layers to be initialized (allowFresh)";
    lines.push(`missing (${missing.length}): ${listed(missing)}; ${advice}`);
  }
  if (misshapen.length > 0) {
    const told = misshapen.map(({ name, found, wanted }) => `${name} is ${formatShape(found)}, expected ${formatShape(wanted)}`);
    const onlyOutputs = misshapen.every(({ found, wanted }) => differsInOutputs(found, wanted));
    const renames = [...new Set(misshapen.map(({ name }) => layerOf(name)))];
    const advice = onlyOutputs
      ? `for a new number of classes pass --rename-last (renameLast: ${listed(renames)}), which initializes these layers`
      : "the file is of another network or input size";
    lines.push(`of another shape (${misshapen.length}): ${listed(told)}; ${advice}`);
  }
  if (nonFinite.length > 0)
    lines.push(`with NaN or infinity (${nonFinite.length}): ${listed(nonFinite)}; the file is damaged or its training diverged`);
  if (surplus.length > 0)
    lines.push(`not in the network (${surplus.length}): ${listed(surplus)}; check that the file and the network belong together`);
  return lines;
}
