// The launches of a plan as a program sees them: what each computes, its kernel's text, and what it is bound to.
import { problemsOf } from "../engine/lowering.ts";
import type { Engine } from "../engine/engine.ts";
import { packDims } from "../engine/linker.ts";
import type { Operand, PlannedLaunch } from "../engine/planner.ts";
import type { Session } from "../engine/session.ts";
import { blockOf, layerOf, stagesOf, type Stage } from "../engine/stages.ts";
import { choose } from "../kernels/choose.ts";
import { kernels } from "../kernels/index.ts";
import { FAMILIES } from "../kernels/kernel.ts";
import type { KernelFamily, WebGpuBuffer } from "./device.ts";

/** Part of a training step that a launch belongs to. */
export type LaunchStage = "forward" | "data gradients" | "weight gradients" | "weight gradients + update" | "update";

/** A linked kernel: WGSL as the driver gets it. */
export interface KernelText {
  /** Name of the variant: "gemm-subgroup COLUMNS=2 ROWS=32". */
  readonly name: string;
  /** File in shaders/. */
  readonly file: string;
  /** Files of shaders/ that replace regions of it, by the region's name. */
  readonly slots: Readonly<Record<string, string>>;
  /** Values of its tunables. */
  readonly params: Readonly<Record<string, number | string>>;
  /** The linked text. Its entry point is `main`. */
  readonly wgsl: string;
  /** Where each line of the text was written, the first line first. */
  readonly origins: readonly { readonly file: string; readonly line: number }[];
}

/** A variable of a kernel and the memory that it is bound to. */
export interface LaunchBinding {
  /** Name of the variable. */
  readonly variable: string;
  /** Number of the binding in group 0. */
  readonly binding: number;
  /** How the kernel uses it. */
  readonly access: "uniform" | "read" | "read_write";
  /** Name of the value of the graph that it holds; null for the dimensions and for memory that lives for this launch's layer alone. */
  readonly value: string | null;
  /** Shape of that value in the engine's order; empty where there is none. */
  readonly shape: readonly number[];
  /** "arena" is shared by values that do not live at the same time. */
  readonly in: "arena" | "input" | "state" | "dims";
  /** Its buffer. */
  readonly buffer: WebGpuBuffer;
  /** Offset in the buffer, in bytes. */
  readonly offset: number;
  /** Bytes that are bound. */
  readonly bytes: number;
}

/** One dispatch of a step. */
export interface LaunchInfo {
  /** Name of the first value that its layer makes, "#" and the number among that layer's launches: "conv1#0". Stable for a network and a plan. */
  readonly id: string;
  /** Position in the step. */
  readonly index: number;
  /** Layer: "inception_3a/3x3". */
  readonly layer: string;
  /** Block of layers: "inception_3a". */
  readonly block: string;
  /** Part of the step. */
  readonly stage: LaunchStage;
  /** Name of the op. */
  readonly op: string;
  /** Attributes of the op. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Kernel family. */
  readonly family: KernelFamily;
  /** Its kernel. */
  readonly kernel: KernelText;
  /** Workgroups in x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Values of the kernel's `Dims`. */
  readonly dims: Readonly<Record<string, number>>;
  /** The same as the bytes of its uniform buffer. */
  readonly dimsBytes: ArrayBuffer;
  /** What its variables are bound to. */
  readonly bindings: readonly LaunchBinding[];
  /** Multiplications and additions that the formula asks for. */
  readonly flops: number;
  /** Bytes that the formula must move at least. */
  readonly leastBytes: number;
}

/** A family that can compute a launch's layer, and the kernels that it would launch. */
export interface FamilyKernels {
  /** The family. */
  readonly family: KernelFamily;
  /** Its kernels in order, with workgroups. */
  readonly kernels: readonly (KernelText & { readonly workgroups: readonly [number, number, number] })[];
}

/** Launches of a session in order. */
export function launchesOf(session: Session): LaunchInfo[] {
  const { plan } = session;
  const stage: (node: PlannedLaunch["node"]) => Stage = stagesOf(plan.graph);
  const seen = new Map<object, number>();
  return plan.launches.map((planned, index) => {
    const { node, family, launch, shader, operands } = planned;
    const nth = seen.get(node) ?? 0;
    seen.set(node, nth + 1);
    const layer = layerOf(node);
    const bindings = shader.bindings.map(({ name, binding, access }): LaunchBinding => {
      const port = launch.bind?.[name] ?? launch.spans?.[name]?.[0] ?? name;
      const value = access === "uniform" ? undefined : (node.inputs[port] ?? node.outputs[port]);
      const operand: Operand | undefined = operands[name];
      const { buffer, offset, bytes } = operand ? session.range(operand) : session.dimsOf(index);
      return {
        variable: name,
        binding,
        access,
        value: value?.name ?? null,
        shape: value?.shape ?? [],
        in: operand?.in ?? "dims",
        buffer,
        offset,
        bytes,
      };
    });
    return {
      id: `${Object.values(node.outputs)[0].name}#${nth}`,
      index,
      layer,
      block: blockOf(layer),
      stage: stage(node),
      op: node.op.name,
      attributes: node.attributes,
      family,
      kernel: kernelText(planned),
      workgroups: launch.workgroups,
      dims: launch.dims,
      dimsBytes: packDims(shader, launch.dims),
      bindings,
      flops: launch.flops,
      leastBytes: launch.bytes,
    };
  });
}

/** A planned launch's kernel. */
export const kernelText = ({
  launch: { shader: file, slots = {}, params = {} },
  shader,
}: Pick<PlannedLaunch, "launch" | "shader">): KernelText => ({
  name: shader.name,
  file,
  slots,
  params,
  wgsl: shader.code,
  origins: shader.code.split("\n").map((_, line) => shader.origin(line + 1)),
});

/** Every family that can compute a launch's layer on this adapter, in the order of `KernelFamily`. */
export async function familiesOf(engine: Engine, session: Session, index: number): Promise<FamilyKernels[]> {
  const { node } = session.plan.launches[index];
  const problem = problemsOf(session.plan.graph).find((each) => each.node === node);
  if (!problem) throw new Error(`internal: the plan has no problem for ${node.label}`);
  return engine.withShaders(() =>
    FAMILIES.flatMap((family) => {
      const { family: found, lowering } = choose(problem, { kernels, families: [family], target: engine.target });
      if (found !== family) return [];
      const texts = lowering.launches.map((launch) => {
        const shader = engine.shader(launch.shader, {
          ...(launch.slots && { slots: launch.slots }),
          ...(launch.params && { params: launch.params }),
        });
        return { ...kernelText({ launch, shader }), workgroups: launch.workgroups };
      });
      return [{ family, kernels: texts }];
    }),
  );
}
