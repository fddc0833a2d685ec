// Writes weights as a .caffemodel: one V2 layer for each layer that has any, with its blobs in Caffe's order. Field numbers: caffe.proto.
import type { Tensor } from "../tensor/tensor.ts";
import { layerOf } from "./names.ts";
import { bytesField, floatsField, textField, uintsField, type Chunks } from "./protobuf.ts";

const NET = { name: 1, layer: 100 } as const;
const LAYER = { name: 1, type: 2, blobs: 7 } as const;
const BLOB = { data: 5, shape: 7 } as const;
const SHAPE_DIM = 1;

/** Caffe's type of a layer, by the rank of its weights. */
const typeOf = ({ shape }: Tensor): string => (shape.length === 4 ? "Convolution" : "InnerProduct");

/** The file in chunks that view the tensors' own memory. `parameters` are named by layer and part, weights before biases. */
export function writeCaffemodel(network: string, parameters: ReadonlyMap<string, Tensor>): Chunks {
  const layers = new Map<string, Tensor[]>();
  for (const [name, value] of parameters) {
    const blobs = layers.get(layerOf(name));
    if (blobs) blobs.push(value);
    else layers.set(layerOf(name), [value]);
  }
  const encoded = [...layers].map(([name, blobs]) =>
    bytesField(NET.layer, [
      ...textField(LAYER.name, name),
      ...textField(LAYER.type, typeOf(blobs[0])),
      ...blobs.flatMap((blob) => bytesField(LAYER.blobs, encodeBlob(blob))),
    ]),
  );
  return [...textField(NET.name, network), ...encoded.flat()];
}

const encodeBlob = ({ shape, data }: Tensor): Chunks => [
  ...bytesField(BLOB.shape, uintsField(SHAPE_DIM, shape)),
  ...floatsField(BLOB.data, data),
];
