// Decoders of compressed DICOM frames, in a worker that is given up when it takes too long: codecs stall on damage, and only the end of
// their thread ends them. One frame at a time. Where the worker comes from is the platform's matter.
import type { CodecName, DecodeReply, DecodeRequest, Frame } from "./frame-codecs.mjs";

/** A worker as both platforms can offer it. */
export interface CodecWorker {
  /** Sends a request; `settle` is called with the answer, or with an error if the worker itself ends. */
  post(request: DecodeRequest, settle: (reply: DecodeReply) => void): void;
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

/** A function that decodes, one frame after another, in a worker that starts at the first one, and again after an error or a stall. */
export function frameDecoder(start: () => CodecWorker, limitMs = LIMIT_MS): (codec: CodecName, codeStream: Uint8Array) => Promise<Frame> {
  let worker: CodecWorker | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const decode = async (codec: CodecName, codeStream: Uint8Array): Promise<Frame> => {
    const running = (worker ??= start());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reply = await new Promise<DecodeReply>((resolve) => {
      timer = setTimeout(() => resolve({ error: `no end after ${limitMs / 1000} seconds; the code stream is damaged` }), limitMs);
      running.post({ codec, codeStream }, resolve);
    });
    clearTimeout(timer);
    if ("frame" in reply) return reply.frame;
    running.end();
    worker = null;
    throw new Error(`the ${codec} codec fails: ${reply.error}`);
  };

  return (codec, codeStream) => {
    const decoded = last.then(() => decode(codec, codeStream));
    last = decoded.catch(() => undefined);
    return decoded;
  };
}
