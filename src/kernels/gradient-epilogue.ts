// How a gradient's kernel takes its optional ports along (src/ops/gradient-epilogue.ts): the gate is a slot and a variable, the addend lies in dx
// already.
import type { Launch } from "./kernel.ts";

/** What the launch needs, and the variables of dx's shape that it reads besides. */
type Epilogue = Pick<Launch, "slots" | "params"> & { readonly tensors: readonly string[] };

export const epilogueOf = ({ gate, addend }: { gate?: unknown; addend?: unknown }): Epilogue => ({
  ...(gate !== undefined && { slots: { gate: "lib/relu-gate.wgsl" } }),
  ...(addend !== undefined && { params: { ADDEND: "true" } }),
  tensors: gate === undefined ? [] : ["gate"],
});
