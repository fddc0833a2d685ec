// The platform for tests that compute: opened once per process, and never on Dawn's null back end, which computes nothing.
import { openNodePlatform } from "../../src/platform/node.ts";
import type { Platform } from "../../src/platform/platform.ts";

let opened: Promise<Platform> | undefined;

/** The process's platform. Rejects, with what to install, if no adapter is found. */
export function testPlatform(): Promise<Platform> {
  opened ??= openChecked();
  return opened;
}

async function openChecked(): Promise<Platform> {
  const platform = await openNodePlatform();
  const adapter = await platform.gpu.requestAdapter();
  if (!adapter) throw new Error(platform.adapterAdvice);
  if (adapter.info.device === "null-backend") throw new Error("Dawn's null back end computes nothing: unset backend=null in STRIATUM_DAWN");
  return platform;
}
