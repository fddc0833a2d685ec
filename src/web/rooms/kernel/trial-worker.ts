// The worker that tries kernels, on a device of its own: what an edited kernel breaks is lost with it, and nothing else.
import { openDevice, type Device } from "striatum";
import { kernelOwners, tryKernel, type KernelOwners, type KernelTrial } from "striatum/inspect";
import type { TrialAnswer, TrialCall } from "./trial-protocol.ts";

let opening: Promise<Device> | null = null;

function device(): Promise<Device> {
  opening ??= openDevice({ timestamps: true })
    .catch(() => openDevice())
    .then((opened) => {
      void opened.lost.then(() => (opening = null));
      return opened;
    });
  return opening;
}

const post = (answer: TrialAnswer): void => postMessage(answer);

async function answer(call: TrialCall): Promise<KernelTrial | KernelOwners> {
  const opened = await device();
  return call.does === "try" ? tryKernel(opened, call.setup, call.options) : kernelOwners(opened, call.setup, call.options);
}

addEventListener("message", ({ data }: MessageEvent<TrialCall>) => {
  void answer(data).then(
    (result) => post({ id: data.id, result }),
    (error: unknown) => post({ id: data.id, error: error instanceof Error ? error.message : String(error) }),
  );
});

post({ ready: true });
