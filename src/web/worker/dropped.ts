// Files that a visitor dropped, recognised by their bytes: pictures, weights with labels and a mean, ONNX models.
import { alexnet, googlenet, loadImage, type LoadOptions, type ModelFamily } from "striatum";
import type { Lab, NetworkName } from "./lab.ts";

/** What became of a file. */
export type DroppedFile =
  | { readonly file: string; readonly is: "picture"; readonly id: string }
  | { readonly file: string; readonly is: "weights"; readonly net: NetworkName; readonly weights: string }
  | { readonly file: string; readonly is: "labels" | "mean" }
  | { readonly file: string; readonly is: "refused"; readonly reason: string };

type Kind = "picture" | "weights" | "onnx" | "labels" | "mean" | "unknown";

const HEAD_BYTES = 132;
const FAMILIES: readonly (readonly [NetworkName, ModelFamily])[] = [
  ["googlenet", googlenet],
  ["alexnet", alexnet],
];

async function kindOf(file: File): Promise<Kind> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const starts = (...bytes: readonly number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47) || starts(0xff, 0xd8)) return "picture";
  if (head[8] === 0x7b && head[7] === 0) return "weights"; // safetensors: the length of its header, then "{"
  const [ending] = /[^.]*$/.exec(file.name.toLowerCase()) as RegExpExecArray;
  if (ending === "onnx") return "onnx";
  if (ending === "caffemodel") return "weights";
  if (ending === "binaryproto") return "mean";
  if (ending === "txt") return "labels";
  return "unknown";
}

/** Reads files of one drop: weights take the labels and the mean that came with them. */
export async function readDropped(lab: Lab, files: readonly File[]): Promise<DroppedFile[]> {
  const found = await Promise.all(files.map(async (file) => ({ file, kind: await kindOf(file) })));
  const first = (kind: Kind): File | undefined => found.find((each) => each.kind === kind)?.file;
  const labels = first("labels");
  const mean = first("mean");
  const options: LoadOptions = { ...(labels && { labels: labelsOf(await labels.text()) }), ...(mean && { mean }) };
  return Promise.all(found.map(({ file, kind }) => take(lab, file, kind, options).catch((error: Error) => refused(file, error.message))));
}

/** A class for each line; of synset_words.txt the words after the id. */
const labelsOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => line.replace(/^n\d{8}\s+/, "").trim());

const refused = (file: File, reason: string): DroppedFile => ({ file: file.name, is: "refused", reason });

async function take(lab: Lab, file: File, kind: Kind, options: LoadOptions): Promise<DroppedFile> {
  switch (kind) {
    case "picture": {
      const id = `own: ${file.name}`;
      lab.pictures.set(id, { name: file.name, pixels: await loadImage(file) });
      return { file: file.name, is: "picture", id };
    }
    case "weights":
      return takeWeights(lab, file, options);
    case "onnx": {
      const { readOnnx } = await import("striatum/onnx");
      const model = readOnnx(await file.arrayBuffer(), { file: file.name });
      lab.dropped.set(file.name, (device) => model.open(device));
      return { file: file.name, is: "weights", net: "onnx", weights: file.name };
    }
    case "labels":
    case "mean":
      return { file: file.name, is: kind };
    default:
      return refused(
        file,
        "neither a picture (PNG, JPEG) nor weights (.caffemodel, .safetensors), a network (.onnx), labels (.txt) or a mean (.binaryproto); DICOM folders belong to the study",
      );
  }
}

/** Weights of whichever network they fit; that network is open then. */
async function takeWeights(lab: Lab, file: File, options: LoadOptions): Promise<DroppedFile> {
  const errors: string[] = [];
  for (const [net, family] of FAMILIES) {
    lab.dropped.set(file.name, (device) => family.load(device, file, options));
    try {
      await lab.network({ net, weights: file.name });
      return { file: file.name, is: "weights", net, weights: file.name };
    } catch (error) {
      lab.dropped.delete(file.name);
      errors.push((error as Error).message);
    }
  }
  return refused(file, errors.join(" "));
}
