// Decoders of compressed DICOM frames in a browser; loaded when the first is wanted. The worker's text is part of this module and starts from a blob:
// bundlers other than Vite and webpack do not follow the address of a worker, and a browser starts none from another origin, such as a CDN.
import type { DecodeReply } from "./frame-codecs.mjs";
import type { FrameDecoder } from "./frame.ts";
import { frameDecoder, type CodecWorker, type Settle } from "./frame-decoders.ts";
// oxlint-disable-next-line import/default -- Vite makes the default of what the query names.
import FrameWorker from "./frame-worker-browser.ts?worker&inline";
import { CODECS } from "./syntaxes.ts";

function startWorker(): CodecWorker {
  const worker = new FrameWorker();
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
