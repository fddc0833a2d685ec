// Whether what a look takes fits, before it is taken.
import type { Forecast } from "striatum/inspect";

const MIB = 2 ** 20;
const inMib = (bytes: number): string => `${Math.ceil(bytes / MIB)} MiB`;

/**
 * Bytes that this page takes of the machine: half of its memory as the browser states it in GiB, rounded and never more than 8, or 2 GiB where it does not. WebGPU
 * itself does not say how much memory a GPU has.
 */
function mostBytes(): number {
  const { deviceMemory = 4 } = navigator as { readonly deviceMemory?: number };
  return (deviceMemory * 2 ** 30) / 2;
}

/** Throws where a look takes more than there is, with what would fit. `taken`: bytes on the device already. */
export function expectRoom({ bytes }: Forecast, taken: number): void {
  const most = mostBytes();
  if (bytes + taken <= most) return;
  throw new Error(
    `This needs ${inMib(bytes)} of GPU memory beside ${inMib(taken)} that are taken; this page takes ${inMib(most)} at most, half of what this machine has. ` +
      "Nothing was computed. The small networks that ship fit, and so may the gradients of one layer's parameters at a time.",
  );
}
