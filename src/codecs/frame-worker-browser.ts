// The decoding worker in a browser: answers each request of frame-decoders.ts. It carries its codecs, because it starts from a blob (frame-decoders-browser.ts),
// and no address is relative to one.
import charls from "@cornerstonejs/codec-charls/decodewasm?url&inline";
import loadCharls from "@cornerstonejs/codec-charls/decodewasmjs";
import turbo from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url&inline";
import loadTurbo from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasm?url&inline";
import loadOpenjpeg from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import openjph from "@cornerstonejs/codec-openjph/wasm?url&inline";
import loadOpenjph from "@cornerstonejs/codec-openjph/wasmjs";
import { answering, type CodecFactory, type CodecName, type DecodeRequest } from "./frame-codecs.mjs";

// No dynamic import: what a bundler made of it would be a file of its own, with an address.
const CODECS: Readonly<Record<CodecName, readonly [url: string, factory: CodecFactory]>> = {
  jpeg: [turbo, loadTurbo],
  "jpeg-ls": [charls, loadCharls],
  "jpeg-2000": [openjpeg, loadOpenjpeg],
  htj2k: [openjph, loadOpenjph],
};

const answer = answering(async (codec) => {
  const [url, factory] = CODECS[codec];
  return { factory, locateFile: () => url };
});

self.addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => {
  void answer(data).then((reply) => self.postMessage(reply));
});
