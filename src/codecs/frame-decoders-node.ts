// Decoders of compressed DICOM frames in Node: a worker thread that does not keep the process alive.
import { Worker } from "node:worker_threads";
import type { FrameDecoders } from "./frame.ts";
import type { DecodeReply } from "./frame-codecs.mjs";
import { frameDecoder, type CodecWorker, type Settle } from "./frame-decoders.ts";
import { CODECS } from "./syntaxes.ts";

function startWorker(): CodecWorker {
  const worker = new Worker(new URL("./frame-worker-node.mjs", import.meta.url), { execArgv: [] });
  worker.unref();
  let settle: Settle = () => undefined;
  const settled: Settle = (reply, isLost) => {
    worker.unref();
    settle(reply, isLost);
  };
  worker.on("message", (reply: DecodeReply) => settled(reply));
  worker.on("error", ({ message }) => settled({ error: message }, true));
  worker.on("exit", () => settled({ error: "its worker ended" }, true));
  return {
    post(request, settleNow) {
      settle = settleNow;
      worker.ref();
      worker.postMessage(request);
    },
    end: () => void worker.terminate(),
  };
}

/** `Platform.decoders` in Node. A frame that takes longer than `limitMs` is an error; default 5 s. */
export function openFrameDecoders(limitMs?: number): FrameDecoders {
  const decode = frameDecoder(startWorker, limitMs);
  return Object.fromEntries(Object.entries(CODECS).map(([uid, codec]) => [uid, (codeStream: Uint8Array) => decode(codec, codeStream)]));
}
