// Field numbers and codes of onnx.proto, for the reader and the writer. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

export const MODEL = { irVersion: 1, producer: 2, graph: 7, opsets: 8, metadata: 14 } as const;
export const OPSET_ID = { domain: 1, version: 2 } as const;
export const ENTRY = { key: 1, value: 2 } as const;
export const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
export const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 } as const;
export const ATTRIBUTE = {
  name: 1,
  float: 2,
  int: 3,
  text: 4,
  tensor: 5,
  floats: 7,
  ints: 8,
  type: 20,
} as const;
export const ATTRIBUTE_TYPE = { float: 1, int: 2, text: 3, tensor: 4, floats: 6, ints: 7 } as const;
export const TENSOR = {
  dims: 1,
  type: 2,
  segment: 3,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  external: 13,
  location: 14,
} as const;
export const VALUE_INFO = { name: 1, type: 2 } as const;
export const TYPE = { tensor: 1 } as const;
export const TENSOR_TYPE = { element: 1, shape: 2 } as const;
export const SHAPE = { dim: 1 } as const;
export const DIM = { value: 1, parameter: 2 } as const;

/** TensorProto.DataType, the types that are read. */
export const DATA_TYPE = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  text: 8,
  bool: 9,
  float16: 10,
  double: 11,
  bfloat16: 16,
} as const;

/** "float16 (10)", for messages. */
export const dataTypeName = (type: number): string => {
  const known = Object.entries(DATA_TYPE).find(([, code]) => code === type);
  return known ? `${known[0]} (${type})` : `data type ${type}`;
};
