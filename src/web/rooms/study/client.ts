// The room's side of the study's worker: typed calls, and events as they come. The worker outlives the room, so that a study goes on while another room is open.
import { startWorker } from "../../worker/start.ts";
import type { FromStudyWorker, StudyMethods, ToWorker } from "./messages.ts";
// oxlint-disable-next-line import/default -- Vite makes the default of what the query names.
import studyWorkerUrl from "./study-worker.ts?worker&url";

type StudyEvent = Extract<FromStudyWorker, { readonly event: string }>;

/** What a method of the worker gives. */
type Result<Name extends keyof StudyMethods> = Awaited<ReturnType<StudyMethods[Name]>>;

class StudyClient {
  readonly #worker = startWorker(studyWorkerUrl, "striatum-study");
  readonly #waiting = new Map<number, { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }>();
  readonly #ready: Promise<void>;
  #calls = 0;
  /** Called for every event. */
  onEvent: (event: StudyEvent) => void = () => undefined;

  constructor() {
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.addEventListener("message", ({ data }: MessageEvent<FromStudyWorker>) => {
        if ("event" in data) {
          if (data.event === "ready") resolve();
          else this.onEvent(data);
          return;
        }
        const waiting = this.#waiting.get(data.id);
        this.#waiting.delete(data.id);
        if ("result" in data) waiting?.resolve(data.result);
        else waiting?.reject(new Error(data.error));
      });
      this.#worker.addEventListener("error", ({ message }) => reject(new Error(message || "the study's worker could not be started")));
    });
    this.#ready.catch(() => undefined);
  }

  async call<Name extends keyof StudyMethods>(method: Name, ...args: Parameters<StudyMethods[Name]>): Promise<Result<Name>> {
    await this.#ready;
    const id = ++this.#calls;
    return new Promise<Result<Name>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.postMessage({ id, method, args } satisfies ToWorker);
    });
  }
}

let client: StudyClient | null = null;

/** The client of the page's one study, started at the first call. */
export const studyClient = (): StudyClient => (client ??= new StudyClient());
