// The worker that reads the visitor's folder and runs the study, beside the page's lab: its device and its memory are its own.
import {
  caseFolder,
  checkCases,
  forgetStudy,
  hasStoredStudy,
  openStudy,
  type CaseFolder,
  type Study,
  type StudyOptions,
} from "striatum/study";
import alexnet from "../../../../data/weights/alexnet-quarter-fractals.safetensors?url";
import googlenet from "../../../../data/weights/googlenet-quarter-fractals.safetensors?url";
import type { FromStudyWorker, StudyInfo, StudyMethods, ToWorker } from "./messages.ts";

/** Side of a case's picture, in pixels: large enough to label it by. */
const THUMBNAIL = 288;
/** Folder of the study in the origin's private file system. */
const OUT = "study";
const PRETRAINED = { alexnet: new URL(alexnet, import.meta.url).href, googlenet: new URL(googlenet, import.meta.url).href };

const post = (message: FromStudyWorker): void => postMessage(message);

let folder: CaseFolder | null = null;
let study: Study | null = null;
let stop: AbortController | null = null;

async function infoOf(open: Study): Promise<StudyInfo> {
  const { protocol, isSynthetic, hasCases, classes } = open;
  return { protocol, isSynthetic, hasCases, classes, jobs: await open.jobs(), hasReport: (await open.report()) !== null };
}

async function use(options: Omit<StudyOptions, "out" | "pretrained" | "onCase">): Promise<StudyInfo> {
  const opened = await openStudy({
    out: OUT,
    pretrained: PRETRAINED,
    onCase: (done, of) => post({ event: "reading", done, of }),
    ...options,
  });
  await study?.dispose();
  study = opened;
  return infoOf(opened);
}

function current(): Study {
  if (!study) throw new Error("no study is open");
  return study;
}

function given(): CaseFolder {
  if (!folder) throw new Error("no folder was given");
  return folder;
}

const methods: StudyMethods = {
  async stored() {
    return (await hasStoredStudy(OUT)) ? use({}) : null;
  },
  async give(files) {
    folder = await caseFolder(files);
    const { bytes, isListed, candidates } = folder;
    return { files: folder.files, bytes, isListed, candidates };
  },
  async label(labels) {
    folder = given().withLabels(labels);
  },
  check: (slab) =>
    checkCases(given(), {
      thumbnail: THUMBNAIL,
      ...(slab && { slab }),
      onCase: (done, of, found) => post({ event: "case", done, of, found }),
    }),
  async open(choices) {
    if (choices === null) return use({ cases: given() });
    const { synthetic, models, seeds, iterations, slab } = choices;
    return use({
      cases: synthetic === null ? given() : { synthetic },
      seeds,
      ...(models && { models }),
      ...(iterations !== null && { iterations }),
      ...(slab && { slab }),
    });
  },
  forecast: () => current().forecast(),
  async run() {
    stop = new AbortController();
    const events = current().run({ signal: stop.signal });
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value;
      post({ event: "progress", progress: value });
    }
  },
  async pause() {
    stop?.abort();
  },
  info: () => infoOf(current()),
  async report() {
    const html = await current().report();
    if (html === null) throw new Error("the report is not there yet");
    return html;
  },
  predictions: () => current().predictions(),
  pictures: (cases) => current().pictures(cases),
  weights: (model, seed) => current().weights(model, seed),
  async forget() {
    await study?.dispose();
    study = null;
    return forgetStudy(OUT);
  },
};

addEventListener("message", ({ data: { id, method, args } }: MessageEvent<ToWorker>) => {
  const call = methods[method] as (...of: readonly unknown[]) => Promise<unknown>;
  // What is thrown at once is an answer, too.
  const answer = async (): Promise<unknown> => call(...args);
  answer().then(
    (result) => post({ id, result }),
    (error: unknown) => post({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
post({ event: "ready" });
