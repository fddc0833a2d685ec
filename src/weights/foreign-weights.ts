// The files that people take for weights of ours and that are none, by their first bytes: downloads that failed, and other tools' formats.
import { fields, openMessage } from "./protobuf.ts";

const WANTED = "expected .caffemodel or .safetensors";

const STRANGERS: readonly (readonly [at: number, start: string, what: string])[] = [
  [0, "version https://git-lfs", "a Git LFS pointer, not the file itself: fetch it with git lfs pull"],
  [0, "<", "a web page or XML: the download failed"],
  [0, "PK", `a ZIP archive (PyTorch?): ${WANTED}`],
  [0, "\x80\x02", `a Python pickle (an old .pth of PyTorch?): save its tensors as .safetensors`],
  [0, "\x80\x03", `a Python pickle: save its tensors as .safetensors`],
  [0, "\x80\x04", `a Python pickle: save its tensors as .safetensors`],
  [0, "\x80\x05", `a Python pickle: save its tensors as .safetensors`],
  [0, "\x1f\x8b", "gzip: unpack it first"],
  [0, "\x89HDF", `HDF5: ${WANTED}`],
  [0, "\x93NUMPY", `a NumPy array: ${WANTED}`],
  [4, "TFL3", `a TensorFlow Lite model: ${WANTED}`],
  [0, "name:", "a prototxt, which describes the network: expected its .caffemodel"],
];

/** What a file that is no safetensors seems to be, and what to do; null where it may be a .caffemodel. */
export function foreignWeights(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  const known = STRANGERS.find(([at, magic]) => start.startsWith(magic, at));
  if (known) return known[2];
  if (/^\s*[{[]/.test(start)) return jsonKind(bytes);
  return bytes[0] === 0x08 ? protobufKind(bytes) : null;
}

const JSON_LOOKED_AT = 2 ** 16;

function jsonKind(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, JSON_LOOKED_AT));
  if (text.includes('"weight_map"')) return "the list of a model's shards: join the .safetensors that it names in one file";
  return `JSON${text.includes('"modelTopology"') ? " (a TensorFlow.js model)" : ""}: ${WANTED}`;
}

/** Messages whose first field is a whole number: ONNX' version, or the iteration of Caffe's solver. */
function protobufKind(bytes: Uint8Array): string | null {
  try {
    const numbers = new Set(Array.from(fields(openMessage(bytes, "")), ({ number }) => number));
    if (numbers.has(7) || numbers.has(8)) return `an ONNX model: ${WANTED}`;
    if (numbers.has(3)) return "a state of Caffe's solver (.solverstate): expected the .caffemodel beside it";
  } catch {
    // The reader of .caffemodel says what is wrong with it.
  }
  return null;
}

/** What to add to an error about a file that is one of several, by its name; nothing for others. */
export function shardHint(file: string): string {
  const shard = /-0*(\d+)-of-0*(\d+)\.safetensors$/.exec(file);
  return shard && Number(shard[2]) > 1 ? ` (this is shard ${shard[1]} of ${shard[2]}: join them in one file)` : "";
}
