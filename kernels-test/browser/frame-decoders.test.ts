// Reading compressed DICOM in headless Chromium: the Web Worker and its codecs give the values that were encoded, and deflated data sets are inflated. Skipped where Chromium is
// absent.
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { loadFrameEncoders } from "../../src/codecs/frame-encoders.ts";
import { blankPage } from "./blank-page.ts";

const executablePath = findChromium();
const ROOT = join(import.meta.dirname, "../..");

describe.skipIf(!executablePath)("frames in Chromium", () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await createServer({
      configFile: join(ROOT, "vite.config.ts"),
      logLevel: "error",
      plugins: [blankPage],
      server: { port: 0, host: "localhost" },
    });
    await server.listen();
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(`${server.resolvedUrls?.local[0]}blank`);
    const files = `/@fs${join(ROOT, "src/platform/files-browser.ts")}`;
    const module = `/@fs${join(ROOT, "src/codecs/frame-decoders-browser.ts")}`;
    await page.addScriptTag({
      type: "module",
      content: `import { decoderOf } from "${module}"; import { inflate } from "${files}"; Object.assign(window, { decoderOf, inflate });`,
    });
    await page.waitForFunction("window.inflate");
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Values as text: what page.evaluate carries. */
  const decode = (last: number, codeStream: Uint8Array): Promise<string> =>
    page.evaluate<string>(
      `window.decoderOf("1.2.840.10008.1.2.4.${last}")(Uint8Array.of(${codeStream.join()})).then(
        ({ rows, columns, bytes }) => rows + " x " + columns + ": " + new Int16Array(bytes.buffer).join(),
        (error) => String(error))`,
    );

  test.each([80, 90, 201])("1.2.840.10008.1.2.4.%i", async (last) => {
    const stored = Int16Array.from({ length: 20 * 30 }, (_, i) => Math.round(900 * Math.sin(i / 20)) + (i % 7));
    const codeStream = (await loadFrameEncoders())[`1.2.840.10008.1.2.4.${last}`]({ rows: 20, columns: 30, stored, bitsStored: 16 });
    expect(await decode(last, codeStream)).toBe(`20 x 30: ${stored.join()}`);
  });

  test("damage is an error, and the next frame is decoded", async () => {
    expect(await decode(50, Uint8Array.of(0xff, 0xd8, 0xff, 0xd9))).toMatch(/^Error: the jpeg codec fails: ./);
    const stored = new Int16Array(64).fill(-5);
    const codeStream = (await loadFrameEncoders())["1.2.840.10008.1.2.4.80"]({ rows: 8, columns: 8, stored, bitsStored: 16 });
    expect(await decode(80, codeStream)).toBe(`8 x 8: ${stored.join()}`);
  });

  test("deflated data sets are inflated, padded to an even length or not; damage and too much are refused", async () => {
    const inflated = (bytes: Uint8Array, limit = 1e6): Promise<string> =>
      page.evaluate<string>(
        `window.inflate(Uint8Array.of(${bytes.join()}), ${limit}).then((bytes) => new TextDecoder().decode(bytes), (error) => String(error))`,
      );
    const texts = ["CT", "CT head", "CT head, 5 mm", "CT head, 5 mm, soft"];
    const streams = texts.map((text) => deflateRawSync(text));
    expect(new Set(streams.map(({ length }) => length % 2)).size).toBe(2);
    for (const [i, stream] of streams.entries()) {
      expect(await inflated(stream)).toBe(texts[i]);
      if (stream.length % 2 === 1) expect(await inflated(Buffer.concat([stream, Buffer.of(0)]))).toBe(texts[i]);
    }
    expect(await inflated(streams[3].subarray(0, 10))).toContain("the deflate data is damaged");
    expect(await inflated(Buffer.concat([streams[3], Buffer.alloc(4)]))).toContain("the deflate data is damaged");
    expect(await inflated(deflateRawSync("CT ".repeat(1000)), 100)).toContain("more than 100 bytes");
  });
});
