// What programs do with the library, in Chromium: support/programs.ts says what, on a page and, for the first of them, in a module worker. Skipped, and counted,
// where Chromium is absent.
import { join } from "node:path";
import { encode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { networks } from "../../src/models/index.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { programs, wrongArguments, type ProgramContext } from "../support/programs.ts";
import { smallWeights } from "../support/small-weights.ts";
import { blankPage } from "./blank-page.ts";
import { send } from "./files-server.ts";

const executablePath = findChromium();
const ROOT = join(import.meta.dirname, "../..");
const [FIRST] = Object.keys(programs);
const MODULES = `const { programs, accepted } = await import("/@fs${ROOT}/kernels-test/support/programs.ts");
const { googlenet, openDevice } = await import("/@fs${ROOT}/src/index.ts");`;

describe.skipIf(!executablePath)("in Chromium", () => {
  let browser: Browser;
  let server: ViteDevServer;
  let page: Page;
  let context: ProgramContext;

  beforeAll(async () => {
    const worker = `onmessage = async ({ data: { name, context, bitmap } }) => {
      try {
        ${MODULES}
        const device = await openDevice();
        await programs[name](device, context);
        const net = await googlenet.load(device, context.weights.googlenet);
        const [[same], [best]] = await net.classify([context.picture, bitmap], { top: 1 });
        await device.dispose();
        postMessage(best.index === same.index && Math.abs(best.score - same.score) < 1e-6 ? "done" : "the transferred picture is another");
      } catch (error) {
        postMessage(String(error));
      }
    };`;
    const files = send(
      new Map<string, string | Uint8Array>([
        ["googlenet.safetensors", smallWeights(networks["googlenet"], 5)],
        ["alexnet.safetensors", smallWeights(networks["alexnet"], 5)],
        [
          "cat.png",
          encode({ width: 80, height: 80, channels: 1, depth: 8, data: Uint8Array.from({ length: 6400 }, (_, i) => (i * 7) & 255) }),
        ],
        ["worker.js", worker],
      ]),
    );
    const served: Plugin = { name: "served", configureServer: ({ middlewares }) => void middlewares.use(files) };
    server = await createServer({
      configFile: join(ROOT, "vite.config.ts"),
      logLevel: "error",
      plugins: [served, blankPage],
      server: { port: 0, host: "localhost" },
    });
    await server.listen();
    const url = server.resolvedUrls?.local[0] ?? "";
    context = {
      weights: { googlenet: `${url}googlenet.safetensors`, alexnet: `${url}alexnet.safetensors` },
      picture: `${url}cat.png`,
      folder: "programs",
    };
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
    page = await (await browser.newContext()).newPage();
    await page.goto(`${url}blank`);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const inPage = <T>(code: string): Promise<T> =>
    page.evaluate<T>(
      `(async () => { ${MODULES} const context = ${JSON.stringify(context)}; const device = (window.device ??= await openDevice()); ${code} })()`,
    );

  test.each(Object.keys(programs))("%s", (name) => inPage<void>(`await programs[${JSON.stringify(name)}](device, context);`));

  test(`${wrongArguments.length} wrong arguments: each a TypeError that says what came and what is accepted`, async () => {
    expect(await inPage<string[]>("return accepted(device, context);")).toEqual([]);
  });

  test("in a module worker, with a picture that is transferred to it", async () => {
    const answer = await page.evaluate<string>(
      `new Promise(async (resolve, reject) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        const bitmap = await createImageBitmap(await (await fetch(${JSON.stringify(context.picture)})).blob());
        worker.postMessage({ ...${JSON.stringify({ name: FIRST, context })}, bitmap }, [bitmap]);
      })`,
    );
    expect(answer).toBe("done");
  });
});
