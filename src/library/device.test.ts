// What a device says of its adapter.
import { expect, test } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { Device } from "./device.ts";

test.each([true, false])("says whether its adapter is a processor: %s", (cpu) => {
  const engine = { device: { lost: new Promise(() => undefined) }, adapterName: "adapter", target: { cpu } };
  expect(new Device(engine as Engine, undefined, null).isSoftware).toBe(cpu);
});
