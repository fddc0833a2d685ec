// What @cornerstonejs/codec-*/decodewasmjs and the like hold: the factory of an Emscripten module.
declare module "@cornerstonejs/*wasmjs" {
  const factory: import("./frame-codecs.mjs").CodecFactory;
  export default factory;
}
