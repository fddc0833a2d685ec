// Decoders of compressed DICOM frames, in a worker that is given up when it takes too long: codecs stall on damage, and only the end of
// their thread ends them. One frame at a time. Where the worker comes from is the platform's matter.
import type { CodecName, DecodeReply, DecodeRequest, Frame } from "./frame-codecs.mjs";

export type Settle = (reply: DecodeReply, isLost?: boolean) => void;

/** A worker as both platforms can offer it. */
export interface CodecWorker {
  /** Sends a request; `settle` is called with the answer, or with an error if the worker itself is lost. */
  post(request: DecodeRequest, settle: Settle): void;
  end(): void;
}

/** Of the transfer syntaxes 1.2.840.10008.1.2.4.50 and so on (PS3.6 table A-1), by the last number. */
export const CODECS: Readonly<Record<number, CodecName>> = {
  50: "jpeg",
  51: "jpeg",
  80: "jpeg-ls",
  81: "jpeg-ls",
  90: "jpeg-2000",
  91: "jpeg-2000",
  201: "htj2k",
  202: "htj2k",
  203: "htj2k",
};

/** Usual frames take 10 to 200 ms. */
const LIMIT_MS = 5000;

/** A function that decodes, one frame after another, in a worker that starts at the first one, and again after a stall. */
export function frameDecoder(start: () => CodecWorker, limitMs = LIMIT_MS): (codec: CodecName, codeStream: Uint8Array) => Promise<Frame> {
  let worker: CodecWorker | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const decode = async (codec: CodecName, codeStream: Uint8Array): Promise<Frame> => {
    const running = (worker ??= start());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reply = await new Promise<DecodeReply>((resolve) => {
      const settle: Settle = (reply, isLost = false) => {
        // Its end may be told again when another has taken its place.
        if (isLost && worker === running) {
          worker = null;
          running.end();
        }
        resolve(reply);
      };
      timer = setTimeout(() => settle({ error: `no end after ${limitMs / 1000} seconds; the code stream is damaged` }, true), limitMs);
      // A copy: a view would take the whole file along to the worker.
      running.post({ codec, codeStream: codeStream.slice() }, settle);
    });
    clearTimeout(timer);
    if ("frame" in reply) return reply.frame;
    throw new Error(`the ${codec} codec fails: ${reply.error}`);
  };

  return (codec, codeStream) => {
    const decoded = last.then(() => decode(codec, codeStream));
    last = decoded.catch(() => undefined);
    return decoded;
  };
}
