// A kernel that says which workgroup stores what: every store to one of its outputs becomes a note of the workgroup's number. The kernel itself is what is
// run, so that the map of its tiles cannot differ from what it does.
import {
  assignmentAt,
  closing,
  endOfStatement,
  entryPoint,
  lineOf,
  nextUse,
  parameterNames,
  storageArrays,
  withoutComments,
  type StorageArray,
} from "./wgsl-text.ts";

/** An array that the kernel stores to. */
export interface Written {
  readonly name: string;
  /** Bytes of one number of it: each has a note of four bytes. */
  readonly scalarBytes: 2 | 4;
}

export interface OwnerVariant {
  readonly wgsl: string;
  /** Arrays whose numbers it notes; each is bound to one word for a number, and one more that counts stores beyond the end. All are 0 before. */
  readonly written: readonly Written[];
  /** Arrays that may be written and are only read: bound to such words too. */
  readonly onlyRead: readonly Written[];
}

/** Bits of a note: a workgroup's number plus 1, and what else happened. */
export const NOTE = { group: 2 ** 30 - 1, again: 2 ** 30, shared: 2 ** 31 } as const;

/**
 * Rewrites a kernel. Workgroups are numbered along x, then y, then z. Throws an Error for what it cannot follow: pointers to outputs, atomics, arrays of
 * structures.
 */
export function ownerVariant(wgsl: string): OwnerVariant {
  const code = withoutComments(wgsl);
  const arrays = storageArrays(code).filter(({ access }) => access === "read_write");
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const names = [...byName.keys()];
  if (names.length === 0) throw new Error("the kernel writes no storage array");
  for (const array of arrays)
    if (!array.element) throw new Error(`"${array.name}" holds ${array.written}: only arrays of numbers and vectors are followed`);
  for (const name of names) {
    const pointer = new RegExp(`(?<!&)&\\s*${name}\\b`, "g");
    for (const { index } of code.matchAll(pointer))
      if (!/arrayLength\s*\(\s*$/.test(code.slice(0, index)) && !/[\w)\]]\s*$/.test(code.slice(0, index)))
        throw new Error(`line ${lineOf(code, index)}: a pointer to "${name}" is not followed`);
  }

  const stored = new Set<string>();
  const rewritten = (text: string): string => {
    let out = "";
    let from = 0;
    for (let use = nextUse(text, names, from); use; use = nextUse(text, names, from)) {
      const { lanes, stride } = elementOf(byName, use.name);
      const index = rewritten(text.slice(use.indexStart, use.indexEnd));
      const part = partAt(text, use.end);
      const assigned = assignmentAt(text, part?.end ?? use.end);
      out += text.slice(from, use.start);
      if (assigned) {
        stored.add(use.name);
        const first = `u32(${index}) * ${stride}u`;
        const end = /^(\+\+|--)$/.test(assigned.operator) ? assigned.valueStart : endOfStatement(text, assigned.valueStart);
        out += part ? `note_${use.name}(${first} + ${rewritten(part.lane)}, 1u)` : `note_${use.name}(${first}, ${lanes}u)`;
        // Line ends stay, so that a compiler's lines are the kernel's.
        out += text.slice(use.start, end).replaceAll(/[^\n]/g, "");
        from = end;
      } else {
        // Values do not matter: what is stored is dropped, and no kernel places its results by them.
        out += `${byName.get(use.name)?.written}()`;
        from = use.end;
      }
    }
    return out + text.slice(from);
  };

  const { functionStart, parametersStart, parametersEnd, bodyStart } = entryPoint(code);
  const parameters = code.slice(parametersStart, parametersEnd);
  const builtIn = (of: string, otherwise: string): { readonly name: string; readonly added: string[] } => {
    const own = new RegExp(`@builtin\\s*\\(\\s*${of}\\s*\\)\\s*(\\w+)\\s*:`).exec(parameters)?.[1];
    if (!own && new RegExp(`@builtin\\s*\\(\\s*${of}\\s*\\)`).test(code))
      throw new Error(`${of} is a member of a structure, which is not followed`);
    return own ? { name: own, added: [] } : { name: otherwise, added: [`@builtin(${of}) ${otherwise}: vec3u`] };
  };
  const [group, grid] = [builtIn("workgroup_id", "notedGroup"), builtIn("num_workgroups", "notedGroups")];
  const separator = parameterNames(parameters).length === 0 || /,\s*$/.test(parameters) ? "" : ", ";
  const more = [...group.added, ...grid.added];
  const added = more.length > 0 ? separator + more.join(", ") : "";
  const opening = ` notedOwner = ${group.name}.x + ${grid.name}.x * (${group.name}.y + ${grid.name}.y * ${group.name}.z) + 1u; `;

  const declared = (text: string): string =>
    arrays.reduce(
      (before, { name }) =>
        before
          .replace(
            new RegExp(`(\\bvar\\s*<\\s*storage\\s*,\\s*read_write\\s*>\\s*${name}\\s*:\\s*)array\\s*<[^;]*;`),
            "$1array<atomic<u32>>;",
          )
          .replaceAll(
            new RegExp(`\\barrayLength\\s*\\(\\s*&\\s*${name}\\s*\\)`, "g"),
            `((arrayLength(&${name}) - 1u) / ${elementOf(byName, name).stride}u)`,
          ),
      text,
    );
  const body =
    code.slice(0, functionStart) +
    code.slice(functionStart, parametersEnd) +
    added +
    code.slice(parametersEnd, bodyStart) +
    opening +
    code.slice(bodyStart);
  const text = declared(rewritten(body));
  const written = (array: StorageArray): Written => ({ name: array.name, scalarBytes: elementOf(byName, array.name).scalarBytes });
  return {
    wgsl: [text, "var<private> notedOwner: u32;", ...[...stored].map(noteFunction)].join("\n"),
    written: arrays.filter(({ name }) => stored.has(name)).map(written),
    onlyRead: arrays.filter(({ name }) => !stored.has(name)).map(written),
  };
}

const elementOf = (arrays: ReadonlyMap<string, StorageArray>, name: string) =>
  (arrays.get(name) as StorageArray).element as NonNullable<StorageArray["element"]>;

/** The component or lane of a vector that an assignment's left side names, and where it ends. */
function partAt(text: string, end: number): { readonly lane: string; readonly end: number } | null {
  const component = /^\s*\.([xyzwrgba])\b/.exec(text.slice(end, end + 20));
  if (component) return { lane: `${"xyzwrgba".indexOf(component[1]) % 4}u`, end: end + component[0].length };
  const open = /^\s*\[/.exec(text.slice(end, end + 20));
  if (!open) return null;
  const close = closing(text, end + open[0].length - 1);
  return { lane: `u32(${text.slice(end + open[0].length, close)})`, end: close + 1 };
}

/** The first note of a number is its owner's; later ones say whether the same workgroup stores it again, or another one does. */
const noteFunction = (name: string): string => `fn note_${name}(first: u32, count: u32) {
  let end = arrayLength(&${name}) - 1u;
  for (var i = 0u; i < count; i++) {
    if (first + i >= end) { atomicAdd(&${name}[end], 1u); continue; }
    let before = atomicMax(&${name}[first + i], notedOwner);
    if (before != 0u) { atomicOr(&${name}[first + i], select(${NOTE.shared}u, ${NOTE.again}u, (before & ${NOTE.group}u) == notedOwner)); }
  }
}`;
