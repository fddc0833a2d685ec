import { expect, test } from "vitest";
import { listenForInterruption } from "./interruption.ts";

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 75],
  ["SIGUSR1", 75],
] as const)("%s asks for a checkpoint once, and ends in exit code %i", (name, code) => {
  const before = process.listenerCount(name);
  const interruption = listenForInterruption();
  expect(interruption.signal.aborted).toBe(false);
  expect(interruption.exitCode()).toBe(0);
  process.emit(name, name);
  process.emit("SIGTERM", "SIGTERM"); // a second signal of the scheduler changes nothing
  expect(interruption.signal.aborted).toBe(true);
  expect(interruption.exitCode()).toBe(code);
  interruption.dispose();
  expect(process.listenerCount(name)).toBe(before);
});
