// What a microscope's graph gives: values by id, and the session that computed them.
import type { BufferRange } from "../engine/buffers.ts";
import type { Session } from "../engine/session.ts";
import { layerOf } from "../engine/stages.ts";
import type { Value } from "../graph/graph.ts";
import type { Parameter } from "../models/network.ts";
import type { Shape } from "../tensor/shape.ts";
import type { MicroscopeGraph } from "../train/microscope-graph.ts";
import type { Subject } from "./subject.ts";
import { inWords } from "./check.ts";
import { parameterPlacement } from "./parameter-values.ts";
import { onDevice, placementOf, type GpuTensor } from "./tensors.ts";

/** A value that can be read. */
export interface ValueInfo {
  /** Its kind, ":" and its name: "activation:conv1", "gradient:conv1", "gradient:conv1/weight", "parameter:conv1/weight", "momentum:conv1/weight". */
  readonly id: string;
  /** What it is. */
  readonly kind: "activation" | "gradient" | "parameter" | "momentum" | "loss";
  /** Caffe's name of the layer's output or of the parameter. */
  readonly name: string;
  /** Layer that it belongs to. */
  readonly layer: string;
  /** Extents as `read` gives them. */
  readonly shape: readonly number[];
}

export interface Readable {
  readonly info: ValueInfo;
  readonly value: Value;
  /** The parameter that it is the gradient of, if it is one. */
  readonly parameter: Parameter | null;
}

/** A microscope's graph on the device. */
export interface Opened {
  readonly subject: Subject;
  readonly key: string;
  readonly made: MicroscopeGraph;
  readonly session: Session;
  readonly values: readonly Readable[];
  /** Inputs as they were last fed, by name. */
  readonly fed: Map<string, Float32Array | Uint32Array>;
  /** Parameters that were others in this look, in the engine's order. */
  readonly changed: ReadonlyMap<string, Float32Array>;
  /** Whether one value of a parameter was another. */
  readonly isAltered: boolean;
}

/** What can be read of a microscope's graph: activations and losses in the order of the forward pass, then gradients. */
export function readableOf({ activations, gradients, losses }: MicroscopeGraph, parameters: readonly Parameter[]): Readable[] {
  const readable = (kind: ValueInfo["kind"], [name, value]: readonly [string, Value]): Readable => {
    const parameter = kind === "gradient" ? (parameters.find((each) => each.name === name) ?? null) : null;
    const shape = parameter ? parameter.caffeShape : placementOf(value.shape).shape;
    return { info: { id: `${kind}:${name}`, kind, name, layer: layerOf({ label: name }), shape }, value, parameter };
  };
  return [
    ...[...activations].map((entry) => readable("activation", entry)),
    ...[...losses].map((entry) => readable("loss", entry)),
    ...[...gradients].map((entry) => readable("gradient", entry)),
  ];
}

/** A value by its id. Throws a TypeError where there is none. */
export function readableIn({ values }: Opened, id: string): Readable {
  const found = values.find(({ info }) => info.id === id);
  if (!found)
    throw new TypeError(
      `there is no value ${inWords(id)} in this look; ids are "activation:NAME" and, where they were asked for, "gradient:NAME"`,
    );
  return found;
}

/** Memory of a value, and its shape in the engine's order. */
export function placeOf({ made, session }: Opened, value: Value): { readonly range: BufferRange; readonly shape: Shape } {
  const { shape, ...range } = session.output(made.outputs.get(value) as string);
  return { range, shape };
}

/** A value on the device, as programs see it. */
export function viewOf(opened: Opened, { value, parameter }: Readable): GpuTensor {
  const { range, shape } = placeOf(opened, value);
  return onDevice(range, parameter ? parameterPlacement(parameter) : placementOf(shape));
}
