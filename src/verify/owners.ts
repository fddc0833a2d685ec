// Which workgroup makes which element of a launch's outputs, as the kernel itself says.
import { readParts } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { BYTES_PER_ELEMENT, roundUp, type Shape } from "../tensor/shape.ts";
import { KernelBench, STORAGE } from "./kernel-bench.ts";
import { wordsOf, type LaunchSetup, type SetupBinding } from "./launch-setup.ts";
import { NOTE, ownerVariant, type Written } from "./owner-variant.ts";

/** No workgroup. */
const NOBODY = 0xffffffff;

export interface OwnerMap {
  readonly variable: string;
  /** Port and name of the output; null for memory that lives for the layer alone. */
  readonly port: string | null;
  readonly value: string | null;
  readonly shape: Shape;
  /** The first workgroup that stored each element; in doubt the last in number. NOBODY where none did. */
  readonly owners: Uint32Array;
  /** Elements that no workgroup of this launch stored, that two workgroups stored, and that one workgroup stored twice. */
  readonly none: number;
  readonly shared: number;
  readonly again: number;
}

export interface Owners {
  readonly workgroups: readonly [number, number, number];
  readonly maps: readonly OwnerMap[];
  /** Stores beyond the end of an array. */
  readonly beyond: number;
  /** Numbers that were stored and belong to no output. */
  readonly strays: number;
}

export interface OwnerOptions {
  /** Instead of the launch's own. */
  readonly wgsl?: string;
  readonly workgroups?: readonly [number, number, number];
}

/** Runs the kernel's variant. Throws an Error where it cannot be made or is refused. */
export async function ownersOf(engine: Engine, setup: LaunchSetup, options: OwnerOptions = {}): Promise<Owners> {
  using bench = new KernelBench(engine, setup);
  const { launch } = bench;
  const { wgsl = launch.wgsl, workgroups = launch.workgroups } = options;
  if (workgroups.reduce((product, count) => product * count, 1) >= NOTE.group)
    throw new Error(`${workgroups.join(" x ")} workgroups are more than their numbers can distinguish`);
  const variant = ownerVariant(wgsl);
  const { kernel, messages } = await bench.compile(variant.wgsl);
  if (!kernel)
    throw new Error(`the kernel's owner map does not compile: ${messages.find(({ severity }) => severity === "error")?.message}`);
  const bindingOf = ({ name }: Written): SetupBinding => launch.bindings.find((each) => each.name === name) as SetupBinding;
  const notes = [...variant.written, ...variant.onlyRead].map((written) => {
    const words = bindingOf(written).bytes / written.scalarBytes + 1;
    return { ...written, words, buffer: engine.createBuffer("bench", words * BYTES_PER_ELEMENT, STORAGE) };
  });
  try {
    bench.reset();
    const instead = Object.fromEntries(notes.map(({ name, buffer }) => [name, buffer]));
    bench.submit([bench.recorder(kernel, { workgroups, instead })]);
    const read = await readParts(
      engine,
      notes.map(({ buffer, words }) => ({ buffer, offset: 0, bytes: words * BYTES_PER_ELEMENT, elements: words })),
    );
    const maps: OwnerMap[] = [];
    let beyond = 0;
    let strays = 0;
    variant.written.forEach((written, i) => {
      const words = new Uint32Array(read[i].buffer);
      beyond += words[words.length - 1];
      const found = mapsOf(setup, bindingOf(written), written, words.subarray(0, words.length - 1));
      maps.push(...found.maps);
      strays += found.strays;
    });
    return { workgroups, maps, beyond, strays };
  } finally {
    engine.free(notes.map(({ buffer }) => buffer));
  }
}

/** The notes of one array by output. */
function mapsOf(
  setup: LaunchSetup,
  binding: SetupBinding,
  { name, scalarBytes }: Written,
  notes: Uint32Array,
): Pick<Owners, "maps" | "strays"> {
  const inside = Object.entries(setup.outputs).flatMap(([port, place]) => {
    if (place.region !== binding.region) return [];
    const words = wordsOf({ ...place, offset: place.offset - binding.offset });
    return words.some((word) => word < notes.length) ? [{ port, place, words }] : [];
  });
  if (inside.length === 0 || scalarBytes !== BYTES_PER_ELEMENT) {
    // Memory is rounded up to four numbers.
    let size = notes.length;
    while (size > notes.length - 3 && notes[size - 1] === 0) size--;
    return { maps: [{ variable: name, port: null, value: null, shape: [size], ...counted(notes.subarray(0, size)) }], strays: 0 };
  }
  const own = new Uint8Array(notes.length);
  const maps = inside.flatMap(({ port, place: { shape }, words }) => {
    for (const word of words) own[word] = 1;
    // Tensors are padded to fours, and a kernel of vectors may fill them up.
    const end = words[words.length - 1] + 1;
    own.fill(1, end, roundUp(end, 4));
    const map = { variable: name, port, value: setup.outputNames[port], shape, ...counted(words.map((word) => notes[word] ?? 0)) };
    // A kernel that is bound to several outputs at once may store some of them.
    return inside.length > 1 && map.none === words.length ? [] : [map];
  });
  return { maps, strays: notes.reduce((sum, note, word) => sum + (note !== 0 && own[word] === 0 ? 1 : 0), 0) };
}

function counted(notes: Uint32Array): Pick<OwnerMap, "owners" | "none" | "shared" | "again"> {
  const count = (is: (note: number) => boolean): number => notes.reduce((sum, note) => sum + (is(note) ? 1 : 0), 0);
  return {
    owners: notes.map((note) => (note === 0 ? NOBODY : (note & NOTE.group) - 1)),
    none: count((note) => note === 0),
    shared: count((note) => note >= NOTE.shared),
    again: count((note) => note < NOTE.shared && (note & NOTE.again) !== 0),
  };
}
