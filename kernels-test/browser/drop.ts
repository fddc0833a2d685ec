// A folder or file of this machine dropped on an element of a page, as a file manager does it.
import type { Page } from "playwright-core";

export async function dropOn(page: Page, selector: string, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not shown, so nothing can be dropped on it`);
  const at = { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 100) };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) await session.send("Input.dispatchDragEvent", { type, ...at, data });
  await session.detach();
}
