// The decoding worker in a browser: answers each request of frame-decoders.ts. It carries its codecs, because it starts from a blob (frame-decoders-browser.ts),
// and no address is relative to one.
import charls from "@cornerstonejs/codec-charls/decodewasm?url&inline";
import turbo from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url&inline";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasm?url&inline";
import openjph from "@cornerstonejs/codec-openjph/wasm?url&inline";
import { answering, type CodecFactory, type CodecName, type DecodeRequest } from "./frame-codecs.mjs";

const CODECS: Readonly<Record<CodecName, readonly [url: string, load: () => Promise<{ readonly default: CodecFactory }>]>> = {
  jpeg: [turbo, () => import("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs")],
  "jpeg-ls": [charls, () => import("@cornerstonejs/codec-charls/decodewasmjs")],
  "jpeg-2000": [openjpeg, () => import("@cornerstonejs/codec-openjpeg/decodewasmjs")],
  htj2k: [openjph, () => import("@cornerstonejs/codec-openjph/wasmjs")],
};

const answer = answering(async (codec) => {
  const [url, load] = CODECS[codec];
  return { factory: (await load()).default, locateFile: () => url };
});

self.addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => {
  void answer(data).then((reply) => self.postMessage(reply));
});
