// Training in a page whose browser loses its GPU process: the run goes on by itself, to the weights of one that nothing disturbed. Skipped, and counted,
// where Chromium is absent.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { bundleLibrary } from "../support/library-bundle.ts";
import { writePictures } from "../support/study-cases.ts";
import { FilesServer, type ServedFiles } from "./files-server.ts";
import { killGpuProcess } from "./gpu-process.ts";

const executablePath = findChromium();
const CASES = 15;

/** Copies the pictures to the origin's private file system and trains on them. The GPU process is killed while what follows the first `moment` is computed. */
const SCRIPT = (entry: string, names: readonly string[]): string => `
  import { alexnet, folder, openDevice, train } from "/${entry}";
  const root = await navigator.storage.getDirectory();
  const pictures = await root.getDirectoryHandle("pictures", { create: true });
  for (const name of ${JSON.stringify(names)}) {
    const file = await (await pictures.getFileHandle(name, { create: true })).createWritable();
    await file.write(await (await fetch("pictures/" + name)).blob());
    await file.close();
  }
  window.trained = async (moment) => {
    const device = await openDevice();
    const data = await folder("pictures", { split: { train: 9, val: 6 }, seed: 0 });
    const run = train(device, { model: alexnet({ classes: 3, width: 1 / 8, size: 64 }), data, batch: 4, epochs: 3, out: "run" });
    const notes = [];
    let killing = null;
    for await (const event of run) {
      if (event.kind === "note") notes.push(event.text);
      if (event.kind === moment) killing ??= window.killGpuProcess();
    }
    await killing;
    const folders = (await run.best()).path.split("/");
    const name = folders.pop();
    let at = root;
    for (const part of folders) at = await at.getDirectoryHandle(part);
    const weights = await (await (await at.getFileHandle(name)).getFile()).arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", weights));
    return { notes, bytes: weights.byteLength, hash: [...hash].join() };
  };
  window.ready = true;`;

interface Trained {
  readonly notes: readonly string[];
  readonly bytes: number;
  readonly hash: string;
}

describe.skipIf(!executablePath)("in Chromium", () => {
  const scratch = mkdtempSync(join(tmpdir(), "striatum-gpu-process-"));
  let server: FilesServer;
  let whole: Trained;

  beforeAll(async () => {
    writePictures(scratch, CASES);
    const names = readdirSync(scratch);
    const { entry, files } = await bundleLibrary();
    const site: ServedFiles = new Map<string, string | Uint8Array>([
      ...files,
      ...names.map((name): [string, Uint8Array] => [`pictures/${name}`, readFileSync(join(scratch, name))]),
      ["index.html", `<!doctype html><link rel="icon" href="data:,"><script type="module">${SCRIPT(entry, names)}</script>`],
    ]);
    server = await FilesServer.open(site);
    whole = await trained(null);
  });

  afterAll(async () => {
    await server?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Trains in a browser of its own: one whose GPU process was lost twice gives its pages no adapter for some minutes. */
  async function trained(moment: string | null): Promise<Trained> {
    const browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
    try {
      const page = await browser.newPage();
      await page.exposeFunction("killGpuProcess", () => killGpuProcess(browser));
      await page.goto(`${server.url}index.html`);
      await page.waitForFunction("window.ready");
      return await page.evaluate<Trained>(`window.trained(${JSON.stringify(moment)})`);
    } finally {
      await browser.close();
    }
  }

  test.each(["compile", "epoch"])(
    "the GPU process is killed after the first event %s: the run says so and ends with the same bits",
    async (moment) => {
      expect(whole.notes).toEqual([]);
      const { notes, ...weights } = await trained(moment);
      expect(notes).toEqual([
        expect.stringMatching(/^the GPU device was lost.*: it was opened again, and the run goes on from its last checkpoint$/),
      ]);
      expect({ ...weights, notes: [] }).toEqual(whole);
    },
  );
});
