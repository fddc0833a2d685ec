// Decoders of compressed DICOM frames in Node: a worker thread that does not keep the process alive.
import { Worker } from "node:worker_threads";
import type { DecodeReply } from "./frame-codecs.mjs";
import { CODECS, frameDecoder, type CodecWorker } from "./frame-decoders.ts";

function startWorker(): CodecWorker {
  const worker = new Worker(new URL("./frame-worker-node.mjs", import.meta.url), { execArgv: [] });
  worker.unref();
  let settle: (reply: DecodeReply) => void = () => undefined;
  const settled = (reply: DecodeReply): void => {
    worker.unref();
    settle(reply);
  };
  worker.on("message", settled);
  worker.on("error", ({ message }) => settled({ error: message }));
  worker.on("exit", () => settled({ error: "its worker ended" }));
  return {
    post(request, settleNow) {
      settle = settleNow;
      worker.ref();
      worker.postMessage(request);
    },
    end: () => void worker.terminate(),
  };
}

const decode = frameDecoder(startWorker);

/** Platform.decoders in Node. */
export const frameDecoders = Object.fromEntries(
  Object.entries(CODECS).map(([last, codec]) => [`1.2.840.10008.1.2.4.${last}`, (codeStream: Uint8Array) => decode(codec, codeStream)]),
);
