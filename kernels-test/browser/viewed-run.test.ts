// `npx striatum view` in headless Chromium: Learn shows the losses of a run that trains, and those that come; Cases opens its weights. Skipped, and counted, where
// Chromium is absent.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceOf } from "../../src/cli/commands/view.ts";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { builtPage, serveView, type ViewServer } from "../../src/cli/host/view-server.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { RunFolder } from "../../src/train/run-folder.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { axeViolations, buildPage, visit } from "./page-site.ts";

const executablePath = findChromium();
const WAIT = { timeout: 60_000 };

describe.skipIf(!executablePath)("a run of the command line", () => {
  const scratch = mkdtempSync(join(tmpdir(), "striatum-viewed-"));
  let browser: Browser;
  let server: ViewServer;
  let run: RunFolder;

  beforeAll(async () => {
    for (const [name, content] of (await buildPage()).files) {
      mkdirSync(dirname(join(scratch, "page", name)), { recursive: true });
      writeFileSync(join(scratch, "page", name), content);
    }
    const platform = await openNodePlatform();
    run = await RunFolder.create(platform.files, join(scratch, "run"), {
      format: "striatum-job-1",
      network: "alexnet",
      classes: ["a", "b"],
    });
    await run.append({ epoch: 1, step: 10, loss: 0.5, validationLoss: 0.6 });
    server = await serveView(await builtPage(join(scratch, "page")), (await sourceOf(platform, join(scratch, "run"))).read);
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  test("Learn shows its losses, and those that come while it trains; nothing learns in the tab", async () => {
    const { page, errors, foreign } = await visit(browser, `${server.url}#/learn?of=view`, { bypassCSP: true });
    const says = (text: string): Promise<unknown> =>
      page.waitForFunction((wanted) => document.querySelector("#stage")?.textContent?.includes(wanted), text, WAIT);
    await says("run, 10 steps: loss 0.500, validation 0.600");
    await says("It trains");
    await run.append({ epoch: 2, step: 20, loss: 0.25, validationLoss: 0.4 });
    await says("run, 20 steps: loss 0.250, validation 0.400");
    expect(await page.locator(".learn-transport").count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await page.click("text=Its cases and weights");
    await page.waitForFunction(() => document.querySelector(".cases")?.textContent?.includes("Open its weights in Look"), undefined, WAIT);
    expect(errors).toEqual([]);
    expect(foreign).toEqual([]);
  }, 90_000);
});
