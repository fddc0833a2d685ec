// The decoding worker in a browser: answers each request of frame-decoders.ts. It carries its codecs, because it starts from a blob (frame-decoders-browser.ts),
// and no address is relative to one.
import charls from "@cornerstonejs/codec-charls/decodewasm?url&inline";
import turbo from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url&inline";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasm?url&inline";
import openjph from "@cornerstonejs/codec-openjph/wasm?url&inline";
import charlsFactory from "@cornerstonejs/codec-charls/decodewasmjs";
import turboFactory from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
import openjpegFactory from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import openjphFactory from "@cornerstonejs/codec-openjph/wasmjs";
import { answering, type CodecFactory, type CodecName, type DecodeRequest } from "./frame-codecs.mjs";

// Imported at once: a bundler that makes modules of workers would put what is imported later into files of its own.
const CODECS: Readonly<Record<CodecName, readonly [url: string, factory: CodecFactory]>> = {
  jpeg: [turbo, turboFactory],
  "jpeg-ls": [charls, charlsFactory],
  "jpeg-2000": [openjpeg, openjpegFactory],
  htj2k: [openjph, openjphFactory],
};

const answer = answering((codec) => {
  const [url, factory] = CODECS[codec];
  return Promise.resolve({ factory, locateFile: () => url });
});

self.addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => {
  void answer(data).then((reply) => self.postMessage(reply));
});
