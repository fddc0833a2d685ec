// The package's entries.

/** Modules of src/ that a program may import: "index" as striatum, the others as striatum/NAME. */
export const ENTRIES = ["index", "inspect", "networks", "onnx", "synthetic", "trainer"] as const;
