// Decoders of compressed DICOM frames in a browser; loaded when the first is wanted.
import type { DecodeReply } from "./frame-codecs.mjs";
import type { FrameDecoder } from "./frame.ts";
import { frameDecoder, type CodecWorker, type Settle } from "./frame-decoders.ts";
import { CODECS } from "./syntaxes.ts";

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

/** The decoder of the transfer syntax `uid`. */
export const decoderOf =
  (uid: string): FrameDecoder =>
  (codeStream) =>
    decode(CODECS[uid], codeStream);
