// Learn in headless Chromium: what a network learns in the tab is what it learns in Node; rewinding and replaying give the same bits; what diverges is caught; the
// page's thread stays free. Skipped, and counted, where Chromium is absent.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { fractals } from "../../src/synthetic.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { dropOn } from "./drop.ts";
import type { FilesServer } from "./files-server.ts";
import { LEARNT, LEARNT_ADDRESS, LEARNT_GOOGLENET, LEARNT_GOOGLENET_ADDRESS } from "./learnt.ts";
import { axeViolations, buildPage, servePage, visit, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const WAIT = { timeout: 60_000 };
/** On another adapter than Chromium's, or with another compiler, roundings differ; each step carries the difference on. */
const allowedAfter = (step: number): number => 2e-4 * step;

interface Run {
  readonly adapter: string;
  readonly losses: readonly number[];
  readonly hash: string;
  readonly heldOut: { readonly loss: number; readonly auc: number } | null;
}

function runInNode(net: "alexnet" | "googlenet"): Run {
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", join(import.meta.dirname, "learn-in-node.ts"), net], {
    encoding: "utf8",
    env: { ...process.env, ...(existsSync(SWIFTSHADER) && { VK_DRIVER_FILES: SWIFTSHADER }) },
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`the run in Node failed: ${stderr}`);
  return JSON.parse(line) as Run;
}

describe.skipIf(!executablePath)("Learn", () => {
  let browser: Browser;
  let server: FilesServer;
  let url: string;
  let visited: Visit;
  let page: Page;

  beforeAll(async () => {
    ({ server, url } = await servePage(await buildPage()));
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
    visited = await visit(browser, `${url}#/learn?${LEARNT_ADDRESS}&step=${LEARNT.steps}`);
    page = visited.page;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const standsAt = (step: number): Promise<unknown> =>
    page.waitForFunction(
      (wanted) =>
        document.querySelector(".learn-step")?.textContent === wanted &&
        document.querySelector(".learn-play")?.textContent === "Play" &&
        !document.querySelector(".learn-badge")?.textContent?.includes("Replaying") &&
        (wanted === "Step 0" || document.querySelector(".learn-hash")?.textContent !== "–"),
      `Step ${step}`,
      WAIT,
    );
  /** Waits for a step and for what the badge then says. */
  const replayedTo = async (step: number): Promise<string> => {
    // At once: the badge of an earlier replay is there until the step changes.
    await page.waitForFunction(
      (wanted) =>
        document.querySelector(".learn-step")?.textContent === wanted &&
        / bits |to the bit/.test(document.querySelector(".learn-badge")?.textContent ?? ""),
      `Step ${step}`,
      WAIT,
    );
    const badge = ((await page.textContent(".learn-badge")) ?? "").trim();
    await standsAt(step);
    return badge;
  };
  const hash = async (): Promise<string> => (await page.textContent(".learn-hash")) ?? "";
  const slideTo = (step: number): Promise<void> =>
    page.$eval(
      ".learn-slider input",
      (input, value) => {
        (input as HTMLInputElement).value = value;
        input.dispatchEvent(new Event("change"));
      },
      String(step),
    );

  /** Steps and losses of the last steps, as the page says them. */
  async function shownLosses(of: Page): Promise<[step: number, loss: string][]> {
    await of.click("text=Show numbers");
    return of.$$eval(".learn-loss tbody tr", (found) =>
      found.map((row) => [Number(row.children[0].textContent), row.children[1].textContent ?? ""]),
    );
  }

  test("a rate that is changed while steps are under way forks the run at the step that is shown, and the worker follows", async () => {
    const own = await visit(browser, `${url}#/learn?net=alexnet&cats=2&batch=2`);
    try {
      const stepOf = (): Promise<number> => own.page.$eval(".learn-step", (found) => Number(/\d+/.exec(found.textContent)?.[0]));
      const hasSteps = (count: number): Promise<unknown> =>
        own.page.waitForFunction(
          (wanted) => Number(/\d+/.exec(document.querySelector(".learn-step")?.textContent ?? "")?.[0]) >= wanted,
          count,
          WAIT,
        );
      await own.page.click(".learn-play:not([disabled])", WAIT);
      await hasSteps(4);
      // In one task: the step that is being taken ends after the fork.
      await own.page.evaluate(() => {
        document.querySelector<HTMLButtonElement>(".learn-play")?.click();
        [...document.querySelectorAll("button")].find(({ textContent }) => textContent.trim() === "Try it")?.click();
      });
      await own.page.waitForFunction(() => document.querySelectorAll(".learn-runs li").length === 2, undefined, WAIT);
      const fork = Number(/from step (\d+)/.exec((await own.page.textContent(".inspector")) ?? "")?.[1]);
      await own.page.click('.learn-play:text("Play")', WAIT);
      await hasSteps(fork + 4);
      await own.page.click('.learn-play:text("Pause")', WAIT);
      await own.page.waitForSelector('.learn-play:text("Play")', WAIT);
      const last = await stepOf();
      expect((await shownLosses(own.page)).map(([step]) => step)).toEqual(Array.from({ length: Math.min(20, last) }, (_, i) => last - i));
      expect(own.errors).toEqual([]);
    } finally {
      await own.context.close();
    }
  }, 90_000);

  test("an address with a step is learnt up to it: to the losses, the hash and the AUC that Node gives", async () => {
    const node = runInNode("alexnet");
    const heldOut = node.heldOut as NonNullable<Run["heldOut"]>;
    await standsAt(LEARNT.steps);
    const rows = await shownLosses(page);
    expect(rows.map(([step]) => step)).toEqual(Array.from({ length: 20 }, (_, i) => LEARNT.steps - i));
    await page.click("text=Score them");
    await page.waitForFunction(() => /AUC/.test(document.querySelector(".learn-score")?.textContent ?? ""), undefined, WAIT);
    const [, loss, auc] = /loss ([\d.]+), AUC ([\d.]+)/.exec((await page.textContent(".learn-score")) ?? "") ?? [];
    // It has learnt to tell heads of patients apart that it has not seen; in Node, too.
    expect(Number(auc)).toBeGreaterThan(0.75);
    expect(heldOut.auc).toBeGreaterThan(0.75);
    // On the same software adapter the bits are the same.
    if (/swiftshader/i.test(node.adapter)) {
      for (const [step, shown] of rows) expect(shown, `step ${step}`).toBe(node.losses[step - 1].toPrecision(7));
      expect(await hash()).toBe(node.hash.slice(0, 32));
      expect([loss, auc]).toEqual([heldOut.loss.toFixed(3), heldOut.auc.toFixed(3)]);
    }
    expect(await page.$$eval(".learn-batch li canvas", (found) => found.length)).toBe(LEARNT.batch);
    expect(await page.$$eval(".learn-layers tbody tr", (found) => found.length)).toBe(8);
    expect(await page.textContent(".learn-head")).toContain("synthetic");
    expect(visited.errors).toEqual([]);
    expect(visited.foreign).toEqual([]);
  }, 120_000);

  test("rewinding goes to a mark and replays the rest, to the same hash", async () => {
    const end = await hash();
    await slideTo(5);
    expect(await replayedTo(5)).toMatch(/^5 steps replayed, (bits equal|losses equal to the bit)$/);
    const atFive = await hash();
    expect(atFive).not.toBe(end);
    await slideTo(LEARNT.steps);
    expect(await replayedTo(LEARNT.steps)).toMatch(/^\d+ steps replayed, bits equal$/);
    expect(await hash()).toBe(end);
    await page.keyboard.press("r");
    expect(await replayedTo(0)).toBe("Back at step 0, from its mark, bits equal");
    await slideTo(5);
    expect(await replayedTo(5)).toBe("5 steps replayed, bits equal");
    expect(await hash()).toBe(atFive);
    // The address follows once the work has ended.
    await expect.poll(() => new URL(page.url()).hash).toContain("step=5");
  }, 120_000);

  test("a rate a hundred times as high begins a run from here, is caught when the loss has grown, and can be rewound", async () => {
    await page.click('[aria-label="Try it: Rate x 100"]');
    await page.waitForFunction(() => document.querySelectorAll(".learn-runs li").length === 2, undefined, WAIT);
    await expect.poll(() => new URL(page.url()).hash).toContain("rate=0.001,5:0.1");
    await page.keyboard.press("p");
    await page.waitForFunction(
      () => / gradient of the step before /.test(document.querySelector(".learn-stop")?.textContent ?? ""),
      undefined,
      WAIT,
    );
    expect(await page.textContent(".learn-stop")).toMatch(
      /since step \d+\.\s+The largest gradient of the step before was that of (conv|fc)\d/,
    );
    const at = Number(/since step (\d+)/.exec((await page.textContent(".learn-stop")) ?? "")?.[1]);
    await page.click(`text=Rewind to step ${at - 1}`);
    await page.waitForFunction((step) => document.querySelector(".learn-step")?.textContent === `Step ${step}`, at - 1, WAIT);
    await page.click(".learn-runs li:not([aria-current]) >> text=Restore");
    expect(await replayedTo(LEARNT.steps)).toBe(`${LEARNT.steps} steps replayed, bits equal`);
  }, 120_000);

  test("no task of the page's thread takes 50 ms while it learns", async () => {
    await page.evaluate(() => {
      const tasks: number[] = ((globalThis as { tasks?: number[] }).tasks = []);
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    });
    // A busy machine stretches a task now and then, not each time.
    const taken: number[] = [];
    for (let turn = 0; turn < 4 && taken.at(-1) !== 0; turn++) {
      await page.evaluate(() => (globalThis as { tasks?: number[] }).tasks?.splice(0));
      await page.keyboard.press("p");
      await page.waitForTimeout(2500);
      await page.keyboard.press("p");
      taken.push(await page.evaluate(() => (globalThis as { tasks?: number[] }).tasks?.length ?? -1));
    }
    expect(taken.at(-1), `long tasks of each turn: ${taken.join(", ")}`).toBe(0);
  }, 60_000);

  test("own pictures, a folder for each class, are learnt when their folder is dropped; when another is chosen, that one is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "striatum-learn-"));
    const learns = (text: string): Promise<unknown> =>
      page.waitForFunction((wanted) => document.querySelector(".learn-head")?.textContent?.includes(wanted), text, WAIT);
    try {
      for (const { image, label, patient } of fractals({ categories: 2, instances: 12, size: 72 })) {
        const mine = join(folder, Number(/\d+$/.exec(patient)?.[0]) % 2 === 0 ? "dropped" : "chosen", label);
        mkdirSync(mine, { recursive: true });
        const { width, height, data } = image;
        writeFileSync(join(mine, `${patient}.png`), encode({ width, height, channels: 1, data: data as Uint8Array }));
      }
      writeFileSync(join(folder, "dropped", "notes.txt"), "not a picture");
      await dropOn(page, ".learn-settings", join(folder, "dropped"));
      await learns("learns 2 classes from 10 pictures");
      await page.keyboard.press(".");
      await standsAt(1);
      await page.waitForFunction(() => /fractal [01]/.test(document.querySelector(".learn-batch")?.textContent ?? ""), undefined, WAIT);
      const dropped = await hash();
      await page.setInputFiles(".learn-folder", join(folder, "chosen"));
      await page.waitForFunction(() => document.querySelector(".learn-step")?.textContent === "Step 0", undefined, WAIT);
      await learns("learns 2 classes from 10 pictures");
      await page.keyboard.press(".");
      await standsAt(1);
      expect(await hash()).not.toBe(dropped);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);

  test("what was learnt opens in Start", async () => {
    await page.click("text=Open in Look");
    await page.waitForFunction(() => location.hash.startsWith("#/look"), undefined, WAIT);
    await page.evaluate(() => (location.hash = location.hash.replace("#/look", "#/start")));
    await page.waitForFunction(() => /^fractal [01]$/.test(document.querySelector(".bars .bar-label")?.textContent ?? ""), undefined, WAIT);
  }, 90_000);

  test("GoogLeNet learns, with its auxiliary heads, to the bits that Node gives", async () => {
    const node = runInNode("googlenet");
    const {
      page: other,
      context,
      errors,
    } = await visit(browser, `${url}#/learn?${LEARNT_GOOGLENET_ADDRESS}&step=${LEARNT_GOOGLENET.steps}`);
    await other.waitForFunction(
      (wanted) =>
        document.querySelector(".learn-step")?.textContent === wanted && document.querySelector(".learn-hash")?.textContent?.length === 32,
      `Step ${LEARNT_GOOGLENET.steps}`,
      WAIT,
    );
    const rows = await shownLosses(other);
    expect(rows).toHaveLength(LEARNT_GOOGLENET.steps);
    for (const [step, loss] of rows)
      expect(Math.abs(Number(loss) / node.losses[step - 1] - 1), `step ${step}`).toBeLessThan(allowedAfter(step));
    if (/swiftshader/i.test(node.adapter)) expect(await other.textContent(".learn-hash")).toBe(node.hash.slice(0, 32));
    expect(await other.$$eval(".learn-now dt", (found) => found.map(({ textContent }) => textContent))).toEqual(
      expect.arrayContaining(["loss3", "loss1", "loss2"]),
    );
    expect(errors).toEqual([]);
    await context.close();
  }, 120_000);

  test("no violation of axe's rules in either theme", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page: themed, context } = await visit(browser, `${url}#/learn?net=alexnet&cats=2&batch=2&step=2`, {
        colorScheme,
        bypassCSP: true,
      });
      await themed.waitForFunction(() => document.querySelectorAll(".learn-batch li").length === 2, undefined, WAIT);
      expect(await axeViolations(themed)).toEqual([]);
      await context.close();
    }
  }, 120_000);
});
