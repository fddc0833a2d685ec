// @ts-check
// The decoding worker in Node: answers each request of frame-decoders.ts.
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import { answering } from "./frame-codecs.mjs";

const require = createRequire(import.meta.url);

const PACKAGES = {
  jpeg: "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs",
  "jpeg-ls": "@cornerstonejs/codec-charls/decodewasmjs",
  "jpeg-2000": "@cornerstonejs/codec-openjpeg/decodewasmjs",
  htj2k: "@cornerstonejs/codec-openjph/wasmjs",
};

const answer = answering((codec) => Promise.resolve({ factory: require(PACKAGES[codec]) }));

parentPort?.on("message", (request) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
