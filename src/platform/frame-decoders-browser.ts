// Decoders of compressed DICOM frames in a browser; loaded when the first is wanted.
import type { DecodeReply } from "./frame-codecs.mjs";
import { CODECS, frameDecoder, type CodecWorker, type Settle } from "./frame-decoders.ts";

function startWorker(): CodecWorker {
  const worker = new Worker(new URL("./frame-worker-browser.ts", import.meta.url), { type: "module" });
  let settle: Settle = () => undefined;
  worker.addEventListener("message", ({ data }: MessageEvent<DecodeReply>) => settle(data));
  worker.addEventListener("error", ({ message }) => settle({ error: message || "its worker ended" }, true));
  return {
    post(request, settleNow) {
      settle = settleNow;
      worker.postMessage(request);
    },
    end: () => worker.terminate(),
  };
}

const decode = frameDecoder(startWorker);

/** Decodes a frame of the transfer syntax 1.2.840.10008.1.2.4.`last`. */
export const decodeFrame = (last: number, codeStream: Uint8Array): ReturnType<typeof decode> => decode(CODECS[last], codeStream);
