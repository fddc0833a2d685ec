// The page's side of the worker: typed calls, and what the worker says by itself as signals.
import { signal } from "@preact/signals-core";
import type { Call, FromWorker, Remote } from "./protocol.ts";
import { startWorker } from "./start.ts";
// oxlint-disable-next-line import/default -- Vite makes the default of what the query names.
import workerUrl from "./worker.ts?worker&url";

/** Work of the worker that takes time. */
export interface Busy {
  readonly text: string;
  readonly done?: number;
  readonly of?: number;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Objects that go over to the worker and are its own from then on. */
const isHandedOver = (value: unknown): value is Transferable => value instanceof OffscreenCanvas || value instanceof ImageBitmap;

/** The worker, started at once. Calls wait until it listens. */
export class Client {
  /** What takes time now; null where nothing does. */
  readonly busy = signal<Busy | null>(null);
  /** The last loss of the device; null while there is one. */
  readonly lost = signal<{ readonly message: string; readonly again: boolean } | null>(null);
  /** What became of what was shown when a device was lost: whether another device computes the same, bit by bit; null before that. */
  readonly again = signal<{ readonly equal: boolean } | null>(null);
  /** Number of devices that were opened after a loss: what was drawn on an earlier one is gone. */
  readonly devices = signal(0);
  readonly #worker = startWorker(workerUrl, "striatum");
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ready: Promise<void>;

  constructor() {
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
        if ("event" in data && data.event === "ready") resolve();
        else this.#take(data);
      });
      this.#worker.addEventListener("error", ({ message }) => reject(new Error(message || "the worker of this page could not be started")));
    });
    this.#ready.catch(() => undefined);
  }

  /** Methods of a room's worker part. Each rejects with the worker's error. */
  remote<Methods>(room: string): Remote<Methods> {
    return new Proxy({} as Remote<Methods>, {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          this.#call({ room, method, args }),
    });
  }

  async #call(call: Omit<Call, "id">): Promise<unknown> {
    await this.#ready;
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...call }, call.args.filter(isHandedOver));
    });
  }

  #take(message: FromWorker): void {
    if ("event" in message) {
      if (message.event === "busy") this.busy.value = message.text === "" ? null : message;
      if (message.event === "lost") this.lost.value = message;
      if (message.event === "again") this.again.value = message;
      if (message.event === "reopened") {
        this.lost.value = null;
        this.devices.value++;
      }
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("result" in message) waiting?.resolve(message.result);
    else waiting?.reject(Object.assign(new Error(message.error.message), { name: message.error.kind }));
  }
}
