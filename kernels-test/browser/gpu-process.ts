// Chromium's GPU process.
import type { Browser } from "playwright-core";

/** Kills it as a driver that fails does, by its number. */
export async function killGpuProcess(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const found = processInfo.find(({ type }) => type === "GPU");
  if (!found) throw new Error(`Chromium has no GPU process, only ${processInfo.map(({ type }) => type).join(", ")}`);
  process.kill(found.id, "SIGKILL");
}
