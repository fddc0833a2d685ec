// The room's side of the worker that tries kernels. It is started at the first call, and ended when a kernel gives no answer in time.
import type { KernelOwners, KernelTrial, LaunchSetup, OwnersOptions, TrialOptions } from "striatum/inspect";
import { startWorker } from "../../worker/start.ts";
import { TEXT } from "./text.ts";
import type { TrialAnswer, TrialCall } from "./trial-protocol.ts";
// oxlint-disable-next-line import/default -- Vite makes the default of what the query names.
import trialWorkerUrl from "./trial-worker.ts?worker&url";

/** The definition of a large layer takes the host many seconds; a kernel that hangs is stopped by its guard long before. */
const PATIENCE_SECONDS = 120;

interface Running {
  readonly id: number;
  readonly resolve: (result: KernelTrial | KernelOwners) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class TrialClient {
  readonly #seconds: number;
  #worker: { readonly worker: Worker; readonly ready: Promise<void> } | null = null;
  #running: Running | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #calls = 0;

  constructor(seconds = PATIENCE_SECONDS) {
    this.#seconds = seconds;
  }

  try(setup: LaunchSetup, options: TrialOptions): Promise<KernelTrial> {
    return this.#call({ does: "try", setup, options }) as Promise<KernelTrial>;
  }

  owners(setup: LaunchSetup, options: OwnersOptions = {}): Promise<KernelOwners> {
    return this.#call({ does: "owners", setup, options }) as Promise<KernelOwners>;
  }

  /** Ends what runs, and the worker with its device. */
  stop(reason: string = TEXT.stopped): void {
    this.#worker?.worker.terminate();
    this.#worker = null;
    const running = this.#running;
    this.#running = null;
    if (!running) return;
    clearTimeout(running.timer);
    running.reject(new Error(reason));
  }

  /** One after the other. */
  #call(call: CallBody): Promise<KernelTrial | KernelOwners> {
    const result = this.#last.then(() => this.#send(call));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #send(call: CallBody): Promise<KernelTrial | KernelOwners> {
    const { worker, ready } = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      const id = ++this.#calls;
      const timer = setTimeout(() => this.stop(TEXT.timedOut(this.#seconds)), this.#seconds * 1000);
      this.#running = { id, resolve, reject, timer };
      void ready.then(() => worker.postMessage({ id, ...call }));
    });
  }

  #start(): { readonly worker: Worker; readonly ready: Promise<void> } {
    const worker = startWorker(trialWorkerUrl, "kernel trials");
    const ready = new Promise<void>((resolve) => {
      worker.addEventListener("message", ({ data }: MessageEvent<TrialAnswer>) => {
        if ("ready" in data) return resolve();
        const running = this.#running;
        if (running?.id !== data.id) return;
        this.#running = null;
        clearTimeout(running.timer);
        if ("result" in data) running.resolve(data.result);
        else running.reject(new Error(data.error));
      });
      worker.addEventListener("error", ({ message }) => this.stop(message || "the worker that tries kernels could not be started"));
    });
    return { worker, ready };
  }
}

type CallBody = TrialCall extends infer Call ? (Call extends { readonly id: number } ? Omit<Call, "id"> : never) : never;
