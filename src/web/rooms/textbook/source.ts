// A network as the pages read it: on the device, in the microscope, or, where there is no device, in float64 on the host.
import { alexnet, googlenet, type Classifier, type Device, type PixelData, type Target } from "striatum";
import { interpreter, microscope, type Interpreter, type LayerNode, type Look, type Microscope } from "striatum/inspect";
import alexnetWeights from "../../../../data/weights/alexnet-quarter-fractals.safetensors?url";
import googlenetWeights from "../../../../data/weights/googlenet-quarter-fractals.safetensors?url";
import type { Values } from "./arithmetic.ts";

export type NetName = "alexnet" | "googlenet";

/** What is differentiated, and by which parameter. */
export interface Asked {
  readonly of?: Target;
  readonly parameters?: readonly string[];
}

/** One picture in a network. */
export interface Reading {
  readonly probabilities: ArrayLike<number>;
  /** A value in Caffe's order; read once. */
  read(id: string): Promise<Values>;
}

export interface Source {
  readonly how: "gpu" | "float64";
  readonly labels: readonly string[];
  readonly layers: readonly LayerNode[];
  /** The network on the device; null without one. */
  readonly scope: Microscope | null;
  /** A picture in the network. The same picture and question give the same reading. */
  look(picture: LabPicture, asked?: Asked): Promise<Reading>;
  /** Probabilities of the classes of a picture, computed once. */
  probabilities(picture: LabPicture): Promise<ArrayLike<number>>;
  /** The loss at a label, with one value of a parameter another. With the question of the last look no other graph is needed. */
  lossWith(
    picture: LabPicture,
    asked: Asked & { readonly of: { readonly loss: number } },
    instead: { readonly parameter: string; readonly index: number; readonly value: number },
  ): Promise<number>;
  /** The microscope's look behind the last reading; null without a device. */
  readonly shown: Look | null;
  dispose(): void;
}

interface LabPicture {
  readonly name: string;
  readonly pixels: PixelData;
}

const SHIPPED = { alexnet: [alexnet, alexnetWeights], googlenet: [googlenet, googlenetWeights] } as const;
const addressOf = (name: NetName): URL => new URL(SHIPPED[name][1], location.href);

const lossOf = (probabilities: ArrayLike<number>, label: number): number => -Math.log(Math.max(2 ** -126, probabilities[label]));
const keyOf = (picture: LabPicture, asked: Asked): string => JSON.stringify([picture.name, asked]);

/** Computes a picture's probabilities once. */
function known(compute: Source["probabilities"]): Source["probabilities"] {
  const found = new Map<string, Promise<ArrayLike<number>>>();
  return (picture) => {
    const before = found.get(picture.name) ?? compute(picture);
    found.set(picture.name, before);
    before.catch(() => found.delete(picture.name));
    return before;
  };
}

/** Reads each value once. */
function reading(probabilities: ArrayLike<number>, read: (id: string) => Values | Promise<Values>): Reading {
  const known = new Map<string, Promise<Values>>();
  return {
    probabilities,
    read(id) {
      const found = known.get(id) ?? Promise.resolve(read(id));
      known.set(id, found);
      return found;
    },
  };
}

/** A small network that ships, on the device. `replaced` is called before what a look holds is freed: nothing may draw it any more. */
export async function onDevice(device: Device, name: NetName, replaced: () => void): Promise<Source> {
  const net: Classifier = await SHIPPED[name][0].load(device, addressOf(name));
  const scope = microscope(net);
  let last: { readonly key: string; readonly look: Look; readonly reading: Reading } | null = null;
  return {
    how: "gpu",
    labels: net.labels,
    layers: scope.layers,
    scope,
    get shown() {
      return last?.look ?? null;
    },
    async look(picture, asked = {}) {
      const key = keyOf(picture, asked);
      if (last?.key === key) return last.reading;
      replaced();
      const look = await scope.look(picture.pixels, asked);
      last = { key, look, reading: reading(look.probabilities, (id) => (id.startsWith("parameter:") ? scope.read(id) : look.read(id))) };
      return last.reading;
    },
    probabilities: known(async (picture) => {
      last = null;
      replaced();
      return (await scope.look(picture.pixels)).probabilities;
    }),
    async lossWith(picture, asked, instead) {
      last = null;
      replaced();
      return lossOf((await scope.look(picture.pixels, { ...asked, instead })).probabilities, asked.of.loss);
    },
    dispose() {
      replaced();
      scope.dispose();
      net.dispose();
    },
  };
}

/** The same network on the host, in float64. */
export async function onHost(name: NetName): Promise<Source> {
  const net: Interpreter = await interpreter(SHIPPED[name][0], addressOf(name));
  let last: { readonly key: string; readonly reading: Reading } | null = null;
  return {
    how: "float64",
    labels: net.labels,
    layers: net.layers,
    scope: null,
    shown: null,
    async look(picture, asked = {}) {
      const key = keyOf(picture, asked);
      if (last?.key === key) return last.reading;
      const look = await net.look(picture.pixels, asked);
      last = { key, reading: reading(look.probabilities, (id) => (id.startsWith("parameter:") ? net.read(id) : look.read(id))) };
      return last.reading;
    },
    probabilities: known(async (picture) => (await net.look(picture.pixels)).probabilities),
    lossWith: async (picture, { of }, instead) => lossOf((await net.look(picture.pixels, { instead })).probabilities, of.loss),
    dispose: () => undefined,
  };
}
