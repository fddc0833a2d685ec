// A worker thread that makes cases: receives specifications, sends files.
import { parentPort } from "node:worker_threads";
import { deflateRawSync } from "node:zlib";
import { makeCaseFiles } from "../../phantoms/case-files.ts";
import type { CaseSpec } from "../../phantoms/cohort.ts";
import { loadFrameEncoders } from "../../codecs/frame-encoders.ts";

const encoders = await loadFrameEncoders();

parentPort?.on("message", (spec: CaseSpec) => {
  const made = makeCaseFiles(spec, { deflate: deflateRawSync, encoders });
  parentPort?.postMessage(
    made,
    made.files.map(({ bytes }) => bytes.buffer as ArrayBuffer),
  );
});
