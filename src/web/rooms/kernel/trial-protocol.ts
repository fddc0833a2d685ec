// Messages between the room and the worker that tries kernels.
import type { KernelOwners, KernelTrial, LaunchSetup, OwnersOptions, TrialOptions } from "striatum/inspect";

export type TrialCall =
  | { readonly id: number; readonly does: "try"; readonly setup: LaunchSetup; readonly options: TrialOptions }
  | { readonly id: number; readonly does: "owners"; readonly setup: LaunchSetup; readonly options: OwnersOptions };

export type TrialAnswer =
  /** It listens. */
  | { readonly ready: true }
  | { readonly id: number; readonly result: KernelTrial | KernelOwners }
  | { readonly id: number; readonly error: string };
