// Where scored cases come from: the study in this browser, or the run that `npx striatum view` serves.
import type { Picture } from "striatum";
import type { StudyModelName, StudyPredictions } from "striatum/study";
import { studyClient } from "../study/client.ts";

/** Lines of metrics.jsonl by the name of a training. */
export type Curves = Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;

/** What is known of a study or a run. */
export interface SourceInfo {
  readonly kind: "study" | "run";
  readonly isSynthetic: boolean;
  /** Whether its cases can be read. */
  readonly hasCases: boolean;
  readonly hasReport: boolean;
  /** Whether nothing more will come. */
  readonly isDone: boolean;
  /** Of a run. */
  readonly network?: string;
}

/** What scored cases are read from. */
export interface CasesSource {
  info(): Promise<SourceInfo | null>;
  predictions(): Promise<readonly StudyPredictions[]>;
  pictures(cases: readonly number[]): Promise<readonly Picture[]>;
  weights(model: string, seed: number): Promise<Uint8Array>;
  curves(): Promise<Curves>;
}

/** The study in this browser. */
export const ownStudy: CasesSource = {
  async info() {
    const client = studyClient();
    const info = await client.call("info").catch(() => client.call("stored"));
    if (!info) return null;
    const { isSynthetic, hasCases, hasReport } = info;
    return { kind: "study", isSynthetic, hasCases, hasReport, isDone: true };
  },
  predictions: () => studyClient().call("predictions"),
  pictures: (cases) => studyClient().call("pictures", cases),
  weights: (model, seed) => studyClient().call("weights", model as StudyModelName, seed),
  curves: async () => ({}),
};

/** What the server beside this page answers; null where it has nothing of the name. */
async function ask(path: string): Promise<Response | null> {
  const response = await fetch(new URL(`view/${path}`, location.href.replace(/#.*$/, "")));
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the server of \`npx striatum view\`: ${await response.text()}`);
  return response;
}

async function read<T>(path: string): Promise<T> {
  const response = await ask(path);
  if (!response) throw new Error(`the run that is viewed has no ${path.replace(/\/.*/, "")}`);
  return response.json() as Promise<T>;
}

interface Served {
  readonly kind: "study" | "run";
  readonly isSynthetic?: boolean;
  readonly hasReport?: boolean;
  readonly done?: boolean;
  readonly network?: string;
}

/** The run or study that `npx striatum view` serves. */
export const viewedRun: CasesSource = {
  async info() {
    const response = await ask("info");
    if (!response) return null;
    const { kind, isSynthetic = false, hasReport = false, done = hasReport, network } = (await response.json()) as Served;
    return { kind, isSynthetic, hasCases: kind === "study", hasReport, isDone: done, ...(network !== undefined && { network }) };
  },
  predictions: () => read("predictions"),
  async pictures(cases) {
    const found = await read<readonly (Omit<Picture, "data"> & { readonly data: string })[]>(`pictures/${cases.join(",")}`);
    return found.map((picture) => ({ ...picture, data: Uint8Array.from(atob(picture.data), (character) => character.charCodeAt(0)) }));
  },
  async weights(model, seed) {
    const response = await ask(`weights/${encodeURIComponent(model)}/${seed}`);
    if (!response) throw new Error("the run that is viewed has no weights yet");
    return new Uint8Array(await response.arrayBuffer());
  },
  curves: () => read("curves"),
};
