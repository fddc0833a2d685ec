// Kernels by themselves: a launch's memory, bindings and sizes on any device, which workgroup makes what, and an edited kernel against the definition. What
// computes is loaded at the first call.
import { DeviceLost, type Engine } from "../engine/engine.ts";
import { planFor } from "../engine/session.ts";
import type { Trial } from "../verify/trial.ts";
import type { LaunchSetup as SetupData } from "../verify/launch-setup.ts";
import { expectKind, expectOptions, kind, object, text, whole, type Kind } from "./check.ts";
import { internalsOf, type Device, type KernelFamily } from "./device.ts";
import { kernelText, type KernelText } from "./launches.ts";
import type { Subject } from "./subject.ts";

/** A launch by itself, as plain data: it can be posted to a worker and run there on another device, on seeded values. `microscope.setup` makes it. */
export interface LaunchSetup {
  /** Id of the launch in `plan`. */
  readonly launch: string;
  /** Family of its kernel. */
  readonly family: KernelFamily;
  /** Its kernel. */
  readonly kernel: KernelText;
  /** Workgroups in x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Values of the kernel's `Dims`. */
  readonly dims: Readonly<Record<string, number>>;
  /** Its variables, with the bytes that each is bound to. */
  readonly variables: readonly {
    readonly variable: string;
    readonly binding: number;
    readonly access: "uniform" | "read" | "read_write";
    readonly bytes: number;
  }[];
  /** Launches that its layer takes. */
  readonly launches: number;
  /** Number of this one among them, from 0. */
  readonly nth: number;
  /** Multiplications and additions that the formula asks for. */
  readonly flops: number;
  /** Bytes that the formula must move at least. */
  readonly leastBytes: number;
  /** Bytes of GPU memory that running it by itself takes. */
  readonly bytes: number;
  /** What `tryKernel` and `kernelOwners` need, in a form of their own. */
  readonly data: object;
}

/** Options of `kernelOwners` and of `microscope.owners`. */
export interface OwnersOptions {
  /** A kernel in the place of the launch's own. */
  readonly wgsl?: string;
  /** Workgroups in x, y and z. Default: the launch's own. */
  readonly workgroups?: readonly [number, number, number];
}

/** Which workgroup stores each element of an output. */
export interface OwnerMap {
  /** Variable of the kernel. */
  readonly variable: string;
  /** Name of the value; null for memory that lives for the launch's layer alone, such as partial sums. */
  readonly value: string | null;
  /** Extents in the engine's order. */
  readonly shape: readonly number[];
  /** Number of the workgroup for each element, along x, then y, then z; 0xffffffff where no workgroup of this launch stores it. */
  readonly owners: Uint32Array;
  /** Elements that no workgroup stores: 0 unless the layer's other launches store the rest. */
  readonly none: number;
  /** Elements that two workgroups store: 0 where the kernel is right. */
  readonly shared: number;
  /** Elements that one workgroup stores more than once. */
  readonly again: number;
}

/** What the workgroups of a launch store. */
export interface KernelOwners {
  /** Workgroups in x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Maps of the outputs that the launch stores to. */
  readonly maps: readonly OwnerMap[];
  /** Stores beyond the end of an array. */
  readonly beyond: number;
  /** Numbers that it stores and that belong to no output of it. */
  readonly strays: number;
}

/** Options of `tryKernel` and of `microscope.trial`. */
export interface TrialOptions {
  /** The kernel. Its entry point is `main`, its bindings are those of the launch. */
  readonly wgsl: string;
  /** Workgroups in x, y and z. Default: the launch's own. */
  readonly workgroups?: readonly [number, number, number];
  /** How often it and the launch's own kernel are timed, where the device has timestamps. Default 9. */
  readonly repeats?: number;
}

/** What a compiler says of a kernel. */
export interface KernelMessage {
  /** How grave it is. */
  readonly severity: "error" | "warning" | "info";
  /** The compiler's words. */
  readonly message: string;
  /** Line from 1; 0 where it names none. */
  readonly line: number;
  /** Column from 1; 0 where it names none. */
  readonly column: number;
  /** Where that line stands in shaders/; null for a line that is not in the launch's own kernel. */
  readonly origin: { readonly file: string; readonly line: number } | null;
}

/** The element with the largest error over its bound. */
export interface WorstElement {
  /** Name of the value. */
  readonly value: string;
  /** Its place in the value, in the engine's order. */
  readonly index: number;
  /** The same by axis. */
  readonly position: readonly number[];
  /** What the kernel computed. */
  readonly found: number;
  /** The definition in float64. */
  readonly exact: number;
  /** How far apart they are. */
  readonly error: number;
  /** How far apart float32 arithmetic may make them. */
  readonly bound: number;
  /** Error over bound: at most 1 where it is right. */
  readonly ratio: number;
}

/** An output that a tried kernel left behind, element by element, in the engine's order. */
export interface TriedOutput {
  /** Name of the value. */
  readonly value: string;
  /** Extents. */
  readonly shape: readonly number[];
  /** What the kernel computed. */
  readonly found: Float64Array;
  /** The definition in float64. */
  readonly exact: Float64Array;
  /** Error over bound: more than 1 where it is wrong, Infinity where it is not a number. */
  readonly ratios: Float32Array;
}

/** How a kernel that compiled and ended compares with the definition. */
export interface TrialVerdict {
  /** Elements of all outputs. */
  readonly elements: number;
  /** Elements whose error is larger than its bound. */
  readonly wrong: number;
  /** Elements that are infinite or not a number where the definition is finite. */
  readonly notFinite: number;
  /** Elements that nothing was stored to. */
  readonly unstored: number;
  /** Numbers beside the outputs that changed. */
  readonly strays: number;
  /** Elements that differ between two runs: a race. */
  readonly unsteady: number;
  /** The worst element. */
  readonly worst: WorstElement;
  /** Every output. */
  readonly outputs: readonly TriedOutput[];
}

/** What became of an edited kernel. */
export interface KernelTrial {
  /** Whether it compiles, ends, stays inside its arrays and equals the definition within float32's bound, twice with the same bits. */
  readonly right: boolean;
  /** What is wrong with it, in sentences; empty where it is right. */
  readonly faults: readonly string[];
  /** What the compiler says. */
  readonly messages: readonly KernelMessage[];
  /** Whether a loop went round so often that it was stopped: it is taken for endless, and the kernel was not run as it is. */
  readonly endless: boolean;
  /** Accesses beyond the end of each array, by variable, where they are more than the launch's own kernel makes. Null where it did not compile. */
  readonly outside: Readonly<Record<string, number>> | null;
  /** Null where it does not compile or does not end. */
  readonly verdict: TrialVerdict | null;
  /**
   * Medians in milliseconds of it and of the launch's own kernel, and the shortest and longest time of the one that was tried; null where the device has no timestamps
   * or it did not run.
   */
  readonly times: {
    readonly milliseconds: number;
    readonly original: number;
    readonly spread: readonly [number, number];
  } | null;
}

const COUNT = whole(1);
const WORKGROUPS: Kind = kind(
  (value) => Array.isArray(value) && value.length === 3 && value.every((count) => COUNT[0](count) && (count as number) <= 65535),
  "three whole numbers from 1 to 65535",
);
const SETUP = object("what microscope.setup() returned");

/** The setup of a launch of a subject's fast step, with its own kernel or another family's. Null where that family cannot compute it. */
export async function setupOfLaunch(subject: Subject, index: number, id: string, family?: KernelFamily): Promise<LaunchSetup | null> {
  const { setupOf } = await import("../verify/launch-setup.ts");
  const { engine, fast, sessionOptions, states } = subject;
  const own = fast.plan.launches[index];
  let plan = fast.plan;
  let at = index;
  const isOther = family !== undefined && family !== own.family;
  if (isOther || plan.launches.some(({ nodes }) => nodes?.includes(own.node))) {
    const options = { ...(isOther ? { families: [family] } : sessionOptions), passes: [], states, joins: false };
    plan = await engine.withShaders(() => planFor(engine, fast.plan.graph, options));
    const candidates = plan.launches.filter((launch) => launch.node === own.node && launch.family === (family ?? own.family));
    if (candidates.length === 0) return null;
    // The launch that does the work, where the layer takes several; of the same family that one, which ends the layer where it was joined with others'.
    const meant = isOther
      ? candidates.reduce((most, launch) => (launch.launch.flops > most.launch.flops ? launch : most))
      : (candidates.find(({ shader }) => shader.name === own.shader.name) ?? candidates[candidates.length - 1]);
    at = plan.launches.indexOf(meant);
  }
  const planned = plan.launches[at];
  const data = setupOf(plan, at, states.allocations);
  return {
    launch: id,
    family: planned.family,
    kernel: kernelText(planned),
    workgroups: planned.launch.workgroups,
    dims: planned.launch.dims,
    variables: data.launches[data.at].bindings.map(({ name, binding, access, bytes }) => ({
      variable: name,
      binding,
      access,
      bytes: access === "uniform" ? data.launches[data.at].dims.byteLength : bytes,
    })),
    launches: data.launches.length,
    nth: data.at,
    flops: data.flops,
    leastBytes: data.leastBytes,
    bytes: data.regions.reduce((sum, bytes) => sum + bytes, 0),
    data,
  };
}

/**
 * Runs a launch's kernel, or one in its place, in a variant whose stores write down the number of the workgroup. Throws an Error where the kernel cannot be
 * followed, as where it takes a pointer to an output, and a TypeError for what is not a setup.
 */
export async function kernelOwners(device: Device, setup: LaunchSetup, options: OwnersOptions = {}): Promise<KernelOwners> {
  return ownersOn(internalsOf(device).engine, setup, options);
}

export async function ownersOn(engine: Engine, setup: LaunchSetup, options: OwnersOptions): Promise<KernelOwners> {
  expectKind("kernelOwners: the setup", setup, SETUP);
  expectOptions("kernelOwners", options, { wgsl: text, workgroups: WORKGROUPS });
  const { ownersOf } = await import("../verify/owners.ts");
  const { maps, ...rest } = await ownersOf(engine, setup.data as SetupData, options);
  return {
    ...rest,
    maps: maps.map(({ variable, value, shape, owners, none, shared, again }) => ({ variable, value, shape, owners, none, shared, again })),
  };
}

/**
 * Tries a kernel in a launch's place, on seeded values: first with loops that end and indices that are checked, then as it is, against the float64 definition,
 * and timed beside the launch's own. Open a device for it alone: a kernel that hangs all the same costs that device. Throws an Error where the device is lost; what
 * is wrong with the kernel is in the result.
 */
export async function tryKernel(device: Device, setup: LaunchSetup, options: TrialOptions): Promise<KernelTrial> {
  return trialOn(internalsOf(device).engine, setup, options);
}

export async function trialOn(engine: Engine, setup: LaunchSetup, options: TrialOptions): Promise<KernelTrial> {
  expectKind("tryKernel: the setup", setup, SETUP);
  expectOptions("tryKernel", options, { wgsl: text, workgroups: WORKGROUPS, repeats: whole(0) });
  expectKind("tryKernel: wgsl", options.wgsl, text);
  const { tryKernel: run } = await import("../verify/trial.ts");
  const { wgsl, workgroups, repeats = 9 } = options;
  const trial = await run(engine, setup.data as SetupData, { wgsl, workgroups, repeats }).catch((error: unknown) => {
    if (!(error instanceof DeviceLost)) throw error;
    throw new Error(`the device was lost while this kernel ran on it: ${error.message}. Open another device to try the next one`, {
      cause: error,
    });
  });
  const origins = originsAfter(setup.kernel, wgsl);
  const faults = faultsOf(trial);
  return {
    right: faults.length === 0,
    faults,
    messages: trial.messages.map((message) => ({ ...message, origin: origins[message.line - 1] ?? null })),
    endless: trial.guarded?.endless ?? false,
    outside: trial.guarded?.outside ?? null,
    verdict: trial.verdict && publicVerdict(trial.verdict),
    times: trial.times,
  };
}

function publicVerdict({ outputs, worst: { output, ...worst }, ...counts }: NonNullable<Trial["verdict"]>): TrialVerdict {
  return {
    ...counts,
    worst: { value: outputs.find(({ port }) => port === output)?.value ?? output, ...worst },
    outputs: outputs.map(({ value, shape, found, exact, ratios }) => ({ value, shape, found, exact, ratios })),
  };
}

function faultsOf({ compiles, guarded, verdict }: Trial): string[] {
  if (!compiles) return ["It does not compile."];
  if (guarded?.endless) return ["A loop does not end."];
  const faults = Object.entries(guarded?.outside ?? {}).map(
    ([variable, count]) => `It accesses ${variable} beyond its end, ${count} ${count === 1 ? "time" : "times"}.`,
  );
  if (!verdict) return faults;
  const { elements, wrong, notFinite, unstored, strays, unsteady } = verdict;
  const say = (count: number, sentence: string): void => void (count > 0 && faults.push(sentence));
  say(wrong, `${wrong} of ${elements} elements are wrong.`);
  say(unstored, `${unstored} elements are never stored.`);
  say(notFinite - unstored, `${notFinite - unstored} elements are infinite or not a number.`);
  say(strays, `${strays} numbers beside the outputs are overwritten.`);
  say(unsteady, `${unsteady} elements differ between two runs: workgroups or invocations race.`);
  return faults;
}

/** Where each line of an edited text was written: by the longest common subsequence of lines; null for lines that are new. */
export function originsAfter({ wgsl, origins }: KernelText, edited: string): (KernelMessage["origin"] | null)[] {
  const [before, after] = [wgsl.split("\n"), edited.split("\n")];
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i][j] = before[i] === after[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const found: (KernelMessage["origin"] | null)[] = after.map(() => null);
  for (let i = 0, j = 0; i < before.length && j < after.length;) {
    if (before[i] === after[j]) found[j++] = origins[i++];
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    else j++;
  }
  return found;
}
