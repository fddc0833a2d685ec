// Turns a shader file and its variant into one text for the driver, and reads off it what must be bound. A shader is plain WGSL with
// three comment directives:
//
//   const TILE: u32 = 64; //#param           the initialiser may be replaced (so may an alias's type)
//   //#slot load ... //#end                   the region may be replaced by another file
//   //#include "lib/philox.wgsl"              the file is put here, once
//
// An unknown parameter or slot is an error: a variant that silently is the default would be measured, and believed.

import type { Halves } from "./halves.ts";

export interface Variant {
  readonly slots?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, number | string>>;
  /** Storage variables that hold half floats; halves.ts rewrites their uses. */
  readonly halves?: readonly string[];
}

export interface Binding {
  readonly name: string;
  readonly binding: number;
  readonly access: "uniform" | "read" | "read_write";
}

export type FieldType = "u32" | "i32" | "f32";

export interface LinkedShader {
  /** For labels, profiler rows and errors: `gemm-subgroup COLUMNS=1 ROWS=32`. */
  readonly name: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  /** Fields of `struct Dims` in order, four bytes each: those of an array of structs as `name[0].field`. */
  readonly dims: readonly { readonly name: string; readonly type: FieldType }[];
  /** Where a line of `code` (from 1) was written. */
  origin(line: number): { file: string; line: number };
}

interface Line {
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** Links `file`; `read` gives the text of a file of shaders/, and `storage` is wanted for variants with halves. */
export function link(file: string, variant: Variant, read: (file: string) => string, storage?: Halves): LinkedShader {
  const slots = new Map(Object.entries(variant.slots ?? {}));
  const params = new Map(Object.entries(variant.params ?? {}));
  const lines = setParams(expand(file, read, slots, new Set()), params);
  for (const slot of slots.keys()) throw new Error(`internal: ${file} has no slot "${slot}"`);
  for (const param of params.keys()) throw new Error(`internal: ${file} has no parameter "${param}"`);

  const linked = lines.map(({ text }) => text).join("\n");
  if (variant.halves && !storage) throw new Error(`internal: ${file} was asked for with halves, which were not loaded`);
  const code = variant.halves && storage ? storage.pack(linked, variant.halves) : linked;
  return {
    name: variantName(file, variant),
    code,
    bindings: bindingsOf(file, code),
    dims: dimsOf(file, code),
    origin(line) {
      const { file, line: from } = lines[Math.min(Math.max(line, 1), lines.length) - 1];
      return { file, line: from };
    },
  };
}

/** The name of a shader file without folder and extension. */
export const stemOf = (path: string): string => path.replace(/^.*\//, "").replace(/\.wgsl$/, "");

export function variantName(file: string, { slots, params, halves = [] }: Variant): string {
  const chosen = Object.values(slots ?? {}).map(stemOf);
  const tuned = Object.entries(params ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  return [stemOf(file), ...chosen, ...tuned, ...(halves.length > 0 ? [`halves=${halves.join()}`] : [])].join(" ");
}

/** The file's lines with its includes and slots put in. Filled slots are taken out of `slots`. */
function expand(file: string, read: (file: string) => string, slots: Map<string, string>, included: Set<string>): Line[] {
  const lines: Line[] = [];
  let skipping: number | null = null;
  read(file)
    .split("\n")
    .forEach((text, index) => {
      const line = index + 1;
      const directive = /^\s*\/\/#(include|slot|end)\b\s*"?([^"\s]*)"?/.exec(text);
      const [, kind, name] = directive ?? [];
      if (kind === "end") {
        skipping = null;
      } else if (skipping !== null) {
        return;
      } else if (kind === "include") {
        if (included.has(name)) return;
        included.add(name);
        lines.push(...expand(name, read, slots, included));
      } else if (kind === "slot") {
        const replacement = slots.get(name);
        if (replacement === undefined) return;
        slots.delete(name);
        lines.push(...expand(replacement, read, slots, included));
        skipping = line;
      } else {
        lines.push({ text, file, line });
      }
    });
  if (skipping !== null) throw new Error(`internal: ${file}:${String(skipping)}: //#slot without //#end`);
  return lines;
}

/** Replaces the initialisers of `const` and `alias` lines marked `//#param`. Set parameters are taken out of `params`. */
function setParams(lines: readonly Line[], params: Map<string, number | string>): Line[] {
  return lines.map((line) => {
    const declaration = /^(\s*(?:const|alias)\s+(\w+)[^=]*=\s*)([^;]+)(;\s*\/\/#param.*)$/.exec(line.text);
    if (!declaration) return line;
    const [, head, name, , tail] = declaration;
    const value = params.get(name);
    if (value === undefined) return line;
    params.delete(name);
    return { ...line, text: `${head}${value}${tail}` };
  });
}

function bindingsOf(file: string, code: string): Binding[] {
  const bindings: Binding[] = [];
  for (const [, group, binding, space, access, name] of code.matchAll(
    /@group\((\d+)\)\s*@binding\((\d+)\)\s*var<\s*(uniform|storage)\s*(?:,\s*(read|read_write)\s*)?>\s*(\w+)\s*:/g,
  )) {
    if (group !== "0") throw new Error(`internal: ${file}: "${name}" is in group ${group}; everything is bound in group 0`);
    bindings.push({
      name,
      binding: Number(binding),
      access: space === "uniform" ? "uniform" : access === "read_write" ? "read_write" : "read",
    });
  }
  if (bindings.length === 0) throw new Error(`internal: ${file} binds nothing`);
  return bindings;
}

function dimsOf(file: string, code: string): { name: string; type: FieldType }[] {
  const fieldsOf = (struct: string): string[] => {
    const body = new RegExp(String.raw`struct\s+${struct}\s*\{([^}]*)\}`).exec(code)?.[1];
    if (body === undefined) throw new Error(`internal: ${file} has no struct ${struct}`);
    return body
      .replaceAll(/\/\/.*$/gm, "")
      .split(/,(?![^<]*>)/)
      .map((field) => field.trim())
      .filter((field) => field !== "");
  };
  const scalar = (field: string): { name: string; type: FieldType } => {
    const [, name, type] = /^(\w+)\s*:\s*(u32|i32|f32)$/.exec(field) ?? [];
    if (name === undefined) throw new Error(`internal: ${file}: Dims may hold u32, i32 and f32 only, got "${field}"`);
    return { name, type: type as FieldType };
  };
  return fieldsOf("Dims").flatMap((field, i) => {
    const [, array, struct, count] = /^(\w+)\s*:\s*array<(\w+),\s*(\d+)>$/.exec(field) ?? [];
    if (array === undefined) return scalar(field);
    const elements = fieldsOf(struct).map(scalar);
    // A uniform array's elements are multiples of 16 bytes.
    if (i > 0 || elements.length % 4 !== 0) throw new Error(`internal: ${file}: ${array} must begin Dims, with elements of four fields or a multiple`);
    return Array.from({ length: Number(count) }, (_, k) => elements.map(({ name, type }) => ({ name: `${array}[${k}].${name}`, type }))).flat();
  });
}

/** The bytes of `Dims`, padded to 16. Every field must be given, and nothing else. */
export function packDims(shader: LinkedShader, dims: Readonly<Record<string, number>>): ArrayBuffer {
  const surplus = Object.keys(dims).filter((name) => !shader.dims.some((field) => field.name === name));
  if (surplus.length > 0) throw new Error(`internal: ${shader.name}: Dims has no field ${surplus.join(", ")}`);
  const bytes = new ArrayBuffer(Math.ceil(shader.dims.length / 4) * 16);
  const view = new DataView(bytes);
  shader.dims.forEach(({ name, type }, i) => {
    const value = dims[name];
    if (value === undefined) throw new Error(`internal: ${shader.name}: Dims.${name} was not given`);
    if (type === "f32") view.setFloat32(4 * i, value, true);
    else if (!Number.isInteger(value) || value < (type === "u32" ? 0 : -0x80000000) || value > 0xffffffff) {
      throw new Error(`internal: ${shader.name}: Dims.${name} is ${type}, got ${value}`);
    } else if (type === "u32") view.setUint32(4 * i, value, true);
    else view.setInt32(4 * i, value, true);
  });
  return bytes;
}
