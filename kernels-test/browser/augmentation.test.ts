// The forty-eight variants in headless Chromium: byte for byte those of Node. Skipped, and counted, where Chromium is absent.
import { join } from "node:path";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import * as augmentation from "../../src/dataset/augmentation.ts";
import * as sha256 from "../../src/tensor/sha256.ts";
import { blankPage } from "./blank-page.ts";

const executablePath = findChromium();
const ROOT = join(import.meta.dirname, "../..");

/** SHA-256 of each variant of a slice and of a colour picture. Its text runs in the page too, so it uses only its arguments. */
function digests({ augment, VARIANTS }: typeof augmentation, { sha256Hex }: typeof sha256): string[] {
  const values = Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * i + 7 * i) % 251);
  const slice = {
    unit: "HU",
    width: 96,
    height: 96,
    channels: 1,
    data: Float32Array.from(values.slice(0, 96 * 96), (v) => v - 60),
  } as const;
  const picture = { width: 96, height: 96, channels: 3, data: Uint8Array.from(values) } as const;
  return [slice, picture].flatMap((raw) =>
    VARIANTS.map((_, k) => sha256Hex(augment(raw, k, { size: 73, window: { centerHu: 40, widthHu: 80 }, key: [5, 2] }).data)),
  );
}

test.skipIf(!executablePath)("Chromium makes the bytes that Node makes", async () => {
  const server = await createServer({
    configFile: join(ROOT, "vite.config.ts"),
    logLevel: "error",
    plugins: [blankPage],
    server: { port: 0, host: "localhost" },
  });
  await server.listen();
  const browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.resolvedUrls?.local[0]}blank`);
    const modules = ["dataset/augmentation", "tensor/sha256"].map((name) => `import("/@fs${ROOT}/src/${name}.ts")`);
    const got = await page.evaluate(`Promise.all([${modules.join()}]).then((modules) => (${digests.toString()})(...modules))`);
    expect(got).toEqual(digests(augmentation, sha256));
    expect(new Set(got as string[]).size).toBe(96);
  } finally {
    await browser.close();
    await server.close();
  }
});
