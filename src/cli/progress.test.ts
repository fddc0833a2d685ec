import { expect, test } from "vitest";
import type { ProgressEvent } from "../platform/progress.ts";
import { caseProgress, jsonProgress, plainProgress, terminalProgress } from "./progress.ts";
import type { Screen } from "./progress.ts";

const step = (step: number): ProgressEvent => ({ kind: "step", step, of: 200, loss: 0.61234, imagesPerSecond: 312.4, etaS: 4000 });
const epoch: ProgressEvent = { kind: "epoch", epoch: 1, of: 30, metrics: { loss: 0.5, validationAuc: 0.75 } };

function screen(columns: number): Screen & { time: number; written: string[] } {
  const written: string[] = [];
  return {
    time: 0,
    written,
    columns,
    write: (text) => void written.push(text),
    nowMs: function () {
      return this.time;
    },
  };
}

test("the terminal's line is redrawn at most ten times per second, and at the last step in any case", () => {
  const at = screen(80);
  const progress = terminalProgress(at);
  for (let n = 1; n < 200; n++) {
    at.time = n * 10;
    progress.event(step(n));
  }
  expect(at.written.length).toBeLessThanOrEqual(20);
  expect(at.written.length).toBeGreaterThan(15);
  progress.event(step(200));
  expect(at.written.at(-1)).toContain("step 200/200  loss 0.6123  312 images/s  1:06:40 left");
});

test("the terminal's line never wraps, and other events stay above it", () => {
  const at = screen(30);
  const progress = terminalProgress(at);
  progress.event(step(7));
  expect(at.written[0]).toBe("\r\u001b[2Kstep   7/200  loss 0.6123  31");
  progress.event(epoch);
  expect(at.written[1]).toMatch(/epoch 1\/30 {2}loss 0\.5000 {2}validationAuc 0\.7500\nstep {3}7\/200/);
  progress.end();
  expect(at.written.at(-1)).toBe("\n");
});

test("of several jobs, the terminal's line says which one a step is of", () => {
  const at = screen(60);
  const progress = terminalProgress(at);
  progress.event({ kind: "job", name: "alexnet", job: 2, of: 9 });
  expect(at.written[0]).toBe("\r\u001b[2K[2/9] alexnet  ");
  at.time = 200;
  progress.event(step(7));
  expect(at.written[1]).toBe("\r\u001b[2K[2/9] alexnet  step   7/200  loss 0.6123  312 images/s  1:0");
});

test("a log gets a step every ten seconds, and every other event at once, with no control characters", () => {
  const at = screen(80);
  const progress = plainProgress(at);
  for (let n = 1; n < 100; n++) {
    at.time = n * 500;
    progress.event(step(n));
  }
  expect(at.written.length).toBe(4);
  progress.event(epoch);
  progress.event({ kind: "note", text: "resumed at step 40" });
  progress.event({ kind: "checkpoint", step: 99, path: "runs/a/checkpoints/step-99.safetensors" });
  expect(at.written.length).toBe(7);
  expect(at.written.every((line) => /^[^\p{Cc}]+\n$/u.test(line))).toBe(true);
});

test("JSON Lines carry every event unchanged", () => {
  const at = screen(80);
  const progress = jsonProgress(at);
  const events = [step(1), step(2), epoch];
  for (const event of events) progress.event(event);
  expect(at.written.map((line): unknown => JSON.parse(line))).toEqual(events);
});

test("cases that are read are reported where that takes more than two seconds, in a log every ten", () => {
  const at = screen(80);
  const onCase = caseProgress(plainProgress(at), () => at.nowMs());
  onCase(1, 40);
  expect(at.written).toEqual([]);
  for (let done = 2; done <= 40; done++) {
    at.time += 700;
    onCase(done, 40);
  }
  expect(at.written).toEqual(["reading cases: 16 of 40\n", "reading cases: 31 of 40\n", "reading cases: 40 of 40\n"]);
});
