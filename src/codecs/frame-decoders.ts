// Decoders of compressed DICOM frames, in a worker that is given up when it takes too long: codecs stall on damage, and only the end of
// their thread ends them. One frame at a time. Where the worker comes from is the platform's matter.
import type { DecodedFrame } from "./frame.ts";
import type { DecodeReply, DecodeRequest } from "./frame-codecs.mjs";
import type { CodecName } from "./syntaxes.ts";

export type Settle = (reply: DecodeReply, isLost?: boolean) => void;

/** A worker as both platforms can offer it. */
export interface CodecWorker {
  /** Sends a request; `settle` is called with the answer, or with an error if the worker itself is lost. */
  post(request: DecodeRequest, settle: Settle): void;
  end(): void;
}

/** Usual frames take 10 to 200 ms. */
const LIMIT_MS = 5000;
/** To start a worker and a codec takes some 100 ms, but on a machine that has other work it may take seconds. */
const STARTING_LIMIT_MS = 60_000;

/** A function that decodes, one frame after another, in a worker that starts at the first one, and again after a stall. */
export function frameDecoder(
  start: () => CodecWorker,
  limitMs = LIMIT_MS,
): (codec: CodecName, codeStream: Uint8Array) => Promise<DecodedFrame> {
  let worker: CodecWorker | null = null;
  const started = new Set<CodecName>();
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (request: DecodeRequest, waitMs: number): Promise<DecodeReply> => {
    const asked = (worker ??= start());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reply = await new Promise<DecodeReply>((resolve) => {
      const settle: Settle = (reply, isLost = false) => {
        // An old worker's exit may arrive after its replacement started; ignore it.
        if (isLost && worker === asked) {
          worker = null;
          asked.end();
          started.clear();
        }
        resolve(reply);
      };
      timer = setTimeout(() => settle({ error: `not finished after ${waitMs / 1000} seconds` }, true), waitMs);
      asked.post(request, settle);
    });
    clearTimeout(timer);
    if (!("error" in reply)) return reply;
    // Its worker starts a codec anew after an error.
    started.delete(request.codec);
    throw new Error(`the ${request.codec} codec fails: ${reply.error}`);
  };

  const decode = async (codec: CodecName, codeStream: Uint8Array): Promise<DecodedFrame> => {
    if (!started.has(codec)) await ask({ codec, codeStream: null }, STARTING_LIMIT_MS);
    started.add(codec);
    // A copy: a view would take the whole file along to the worker.
    const reply = await ask({ codec, codeStream: codeStream.slice() }, limitMs);
    if ("frame" in reply) return reply.frame;
    throw new Error(`the ${codec} codec returned no frame`);
  };

  return (codec, codeStream) => {
    const decoded = last.then(() => decode(codec, codeStream));
    last = decoded.catch(() => undefined);
    return decoded;
  };
}
