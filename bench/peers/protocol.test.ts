import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeReply, decodeTask, encodeReply, encodeTask, type Reply } from "./protocol.ts";

describe("protocol", () => {
  test("a task crosses as one line", () => {
    const line = encodeTask("train");
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(decodeTask(line)).toBe("train");
  });

  test("an unknown task is refused by name", () => {
    expect(() => decodeTask('{"task":"dance"}')).toThrow(/describe, infer, train.*dance/);
  });

  test("answers and failures cross unchanged, float32 to the last bit", () => {
    const replies: Reply[] = [
      { task: "infer", cpuMs: 12.5, answer: { ms: 1, probabilities: [...Float32Array.of(0.1, 1e-38, 3.4e38)] } },
      { task: "train", cpuMs: 0, failure: 'two\nlines and a "quote"' },
    ];
    for (const reply of replies) {
      const line = encodeReply(reply);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(decodeReply(line)).toEqual(reply);
    }
  });

  test("what a library prints is not a reply", () => {
    for (const noise of ["", "Warning: something", "{}", "[1]", "null", '{"task":"infer"}', '{"task":"dance","cpuMs":1,"answer":{}}'])
      expect(decodeReply(noise)).toBeNull();
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => decodeReply(line) === null));
  });
});
