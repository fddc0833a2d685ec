// The decoding worker: given up when it stalls, and never a number thrown.
import { expect, test } from "vitest";
import type { DecodedFrame } from "./frame.ts";
import { answering, type DecodeReply } from "./frame-codecs.mjs";
import { openFrameDecoders } from "./frame-decoders-node.ts";
import { frameDecoder, type CodecWorker, type Settle } from "./frame-decoders.ts";
import { loadFrameEncoders } from "./frame-encoders.ts";

const UIDS = { ls: "1.2.840.10008.1.2.4.80", j2k: "1.2.840.10008.1.2.4.90", ht: "1.2.840.10008.1.2.4.201", jpeg: "1.2.840.10008.1.2.4.50" };
const FRAME: DecodedFrame = { rows: 1, columns: 1, samples: 1, bitsPerSample: 8, signed: false, bytes: Uint8Array.of(7) };

/** Workers that reply with `answer`, or not at all if it is null; and how many were started and ended. */
function workers(answer: (codeStream: Uint8Array) => DecodeReply | null) {
  const counts = { started: 0, ended: 0, atOnce: 0, most: 0 };
  const start = (): CodecWorker => {
    counts.started++;
    let lost: Settle = () => undefined;
    return {
      post({ codeStream }, settle) {
        lost = settle;
        counts.most = Math.max(counts.most, ++counts.atOnce);
        const reply: DecodeReply | null = codeStream ? answer(codeStream) : { started: true };
        if (reply)
          setTimeout(() => {
            counts.atOnce--;
            settle(reply);
          }, 1);
      },
      end() {
        counts.ended++;
        setTimeout(() => lost({ error: "its worker ended" }, true), 1);
      },
    };
  };
  return { counts, start };
}

test("frames go one after another through one worker", async () => {
  const { counts, start } = workers(() => ({ frame: FRAME }));
  const decode = frameDecoder(start);
  const frames = await Promise.all([1, 2, 3].map((byte) => decode("jpeg", Uint8Array.of(byte))));
  expect(frames).toEqual([FRAME, FRAME, FRAME]);
  expect(counts).toEqual({ started: 1, ended: 0, atOnce: 0, most: 1 });
});

test("a stall ends with its worker, and what waits behind it is decoded by another", async () => {
  const { counts, start } = workers(([byte]) => (byte === 1 ? null : { frame: FRAME }));
  const decode = frameDecoder(start, 30);
  const stalled = decode("jpeg-ls", Uint8Array.of(1));
  const next = decode("jpeg-ls", Uint8Array.of(2));
  await expect(stalled).rejects.toThrow("the jpeg-ls codec fails: not finished after 0.03 seconds");
  expect(await next).toEqual(FRAME);
  expect(await decode("jpeg-ls", Uint8Array.of(3))).toEqual(FRAME);
  expect(counts).toMatchObject({ started: 2, ended: 1 });
});

test("an error of a codec leaves its worker alive", async () => {
  const { counts, start } = workers(() => ({ error: "the code stream is damaged" }));
  const decode = frameDecoder(start);
  await expect(decode("htj2k", new Uint8Array(1))).rejects.toThrow("the htj2k codec fails: the code stream is damaged");
  await expect(decode("htj2k", new Uint8Array(1))).rejects.toThrow("the htj2k codec fails");
  expect(counts).toMatchObject({ started: 1, ended: 0 });
});

test("codecs answer damage with an Error, whatever they throw, and decode the next frame", async () => {
  const decoders = openFrameDecoders();
  const encoders = await loadFrameEncoders();
  const stored = Int16Array.from({ length: 300 }, (_, i) => i * 9 - 400);
  for (const uid of [UIDS.ls, UIDS.j2k, UIDS.ht]) {
    const whole = encoders[uid]({ rows: 15, columns: 20, stored, bitsStored: 16 });
    const noise = Uint8Array.from(whole, (byte, i) => (i < 2 ? byte : (byte * 31 + i) & 255));
    // OpenJPEG and OpenJPH throw nothing here and answer with no pixels.
    const outcome = await decoders[uid](noise).catch((error: unknown) => error);
    expect(outcome instanceof Error || (outcome as DecodedFrame).bytes.length === 0).toBe(true);
    const frame = await decoders[uid](whole);
    expect({ ...frame, bytes: [...new Int16Array(frame.bytes.buffer)] }).toMatchObject({
      rows: 15,
      columns: 20,
      samples: 1,
      bytes: [...stored],
    });
  }
  await expect(decoders[UIDS.jpeg](Uint8Array.of(0xff, 0xd8, 0xff, 0xd9))).rejects.toThrow(/^the jpeg codec fails: ./);
});

test.each([
  ["a warning", "[WARNING] tile 1 DOE^JANE", true],
  ["an error", "[ERROR] tile 1", true],
  ["progress", "[INFO] tile 1", undefined],
])("%s that a codec prints: that it printed is known, its text is not", async (_, text, warned) => {
  let print: (text: string) => void = () => undefined;
  class J2KDecoder {
    getEncodedBuffer = () => new Uint8Array(1);
    decode = (): void => print(text);
    getFrameInfo = () => ({ width: 1, height: 1, componentCount: 1, bitsPerSample: 8 });
    getDecodedBuffer = () => Uint8Array.of(7);
    delete(): void {}
  }
  const factory = async (options: object) => {
    ({ print } = options as { print: typeof print });
    return { J2KDecoder };
  };
  const answer = answering(async () => ({ factory }));
  const reply = await answer({ codec: "jpeg-2000", codeStream: Uint8Array.of(0) });
  expect(reply).toEqual({ frame: { ...FRAME, ...(warned && { warned }) } });
  // The next frame is not blamed.
  print = () => undefined;
  expect(await answer({ codec: "jpeg-2000", codeStream: Uint8Array.of(0) })).toEqual({ frame: FRAME });
});
