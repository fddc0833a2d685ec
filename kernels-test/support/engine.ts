// The engine that tests share: one device for the process, as one adapter's cores are enough for one device at a time.
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { testPlatform } from "./adapter.ts";

let opened: Promise<Engine> | undefined;

/** The process's engine. A test that breaks a device opens its own. */
export function testEngine(): Promise<Engine> {
  opened ??= testPlatform().then((platform) => openEngine(platform));
  return opened;
}
