// striatum view: a run or a study opened in the page's rooms, by a server on the loopback interface.
import type { Command } from "commander";
import { reopenStudy } from "../../library/study/study.ts";
import { openNodePlatform } from "../../platform/node.ts";
import type { Platform } from "../../platform/platform.ts";
import { hasStudy } from "../../study/study-folder.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { JOB_FILE, RunFolder } from "../../train/run-folder.ts";
import { BUILT_PAGE, expectBuiltPage } from "../built-page.ts";
import { builtPage, serveView, type Viewed, type ViewSource } from "../host/view-server.ts";
import { listenForInterruption } from "../interruption.ts";
import { whole } from "../options.ts";
import { print, say } from "../output.ts";

interface ViewOptions {
  readonly port?: number;
  readonly page: string;
}

export function registerView(program: Command): void {
  program
    .command("view")
    .description("open a run or a study in the page's rooms: a server on this machine alone, until Ctrl-C")
    .argument("<dir>", "folder of a run or a study")
    .option("--port <n>", "port (default: any that is free)", whole(1))
    .option("--page <dir>", "folder of the built page, which `npm run build` writes in a checkout", BUILT_PAGE)
    .action(view);
}

async function view(dir: string, { port, page }: ViewOptions): Promise<void> {
  const platform = await openNodePlatform();
  const source = await sourceOf(platform, dir);
  expectBuiltPage(page);
  const interruption = listenForInterruption("closing the server");
  const server = await serveView(await builtPage(page), source.read, port);
  try {
    print(`${server.url}#/${source.trains ? "learn" : "cases"}?of=view`);
    say(`${dir}, a ${source.kind}: this machine alone is answered, and nothing but the page and this folder; Ctrl-C ends it.`);
    if (!interruption.signal.aborted)
      await new Promise<void>((resolve) => interruption.signal.addEventListener("abort", () => resolve(), { once: true }));
  } finally {
    await server.close();
    interruption.dispose();
  }
}

interface Source {
  readonly kind: "study" | "run";
  /** Whether more is to come: Learn then opens, with the losses so far, and else Cases. */
  readonly trains: boolean;
  readonly read: ViewSource;
}

/** What is read of a folder. Throws where it is neither a run nor a study. */
export async function sourceOf(platform: Platform, dir: string): Promise<Source> {
  const out = dir.replace(/(?<=.)\/+$/, "");
  if (await hasStudy(platform.files, out)) {
    const trains = (await (await reopenStudy(platform, out)).report()) === null;
    return { kind: "study", trains, read: studySource(platform, out) };
  }
  if (await platform.files.exists(`${out}/${JOB_FILE}`)) {
    const trains = (await (await RunFolder.open(platform.files, out)).ended()) === null;
    return { kind: "run", trains, read: runSource(platform, out) };
  }
  throw new Error(`${dir} is neither a run nor a study: it has no ${JOB_FILE} and no study.json`);
}

const json = (value: unknown): Viewed => ({ type: "application/json", content: JSON.stringify(value) });

const studySource =
  (platform: Platform, out: string): ViewSource =>
  async ([what, ...of]) => {
    const study = await reopenStudy(platform, out);
    const hasReport = (await study.report()) !== null;
    if (what === "info") {
      const { classes, isSynthetic } = study;
      return json({ kind: "study", classes, isSynthetic, hasCases: true, hasReport, jobs: await study.jobs() });
    }
    if (what === "curves") return json(await study.curves());
    if (!hasReport) return null;
    if (what === "predictions") return json(await study.predictions());
    if (what === "report") return { type: "text/html", content: (await study.report()) as string };
    if (what === "pictures" && of[0] !== undefined) {
      const pictures = await study.pictures(of[0].split(",").map(Number));
      return json(pictures.map(({ data, ...picture }) => ({ ...picture, data: Buffer.from(data).toString("base64") })));
    }
    if (what === "weights") {
      const known = (await study.predictions()).find(({ model, seed }) => model === of[0] && String(seed) === of[1]);
      if (known)
        return {
          type: "application/octet-stream",
          content: await study.weights(known.model as Parameters<typeof study.weights>[0], known.seed),
        };
    }
    return null;
  };

const runSource =
  (platform: Platform, out: string): ViewSource =>
  async ([what]) => {
    const folder = await RunFolder.open(platform.files, out);
    if (what === "info") {
      const { network, classes } = await folder.job();
      return json({ kind: "run", network, classes, done: (await folder.ended()) !== null });
    }
    if (what === "curves") return json({ [out.replace(/^.*\//, "")]: await folder.metrics() });
    if (what === "weights" && (await platform.files.exists(`${out}/${BEST_WEIGHTS}`)))
      return { type: "application/octet-stream", content: await folder.read(BEST_WEIGHTS) };
    return null;
  };
