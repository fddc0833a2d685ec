// Dimensions for every launch of a matrix product: gemm/gemm-subgroup.wgsl, gemm/gemm-workgroup.wgsl.

struct Dims {
  images: u32, height: u32, width: u32, oh: u32, ow: u32,
  groups: u32, channels: u32, outputs: u32, // channels and outputs of one group
  kh: u32, kw: u32, stride: u32, pad: u32,
  xStride: u32, xFirst: u32, // elements from one pixel of x (or dx) to the next; the first channel to work on
  yStride: u32, yFirst: u32, // the same of y (or dy)
  rows: u32, columns: u32, rowTiles: u32, columnTiles: u32, tiles: u32,
  depth: u32, chunk: u32, // extent of k, and the part of it that one tile sums where the sum is split
  // Epilogues.
  accumulate: u32, // 1: added to what the result holds; 2: and the bias as well
  relu: u32, most: f32, // as lib/rectified.wgsl has them
  dropThreshold: u32, dropScale: f32, dropStream: u32, // as dropout.wgsl has them
  scale: f32, gated: u32, // of a gradient; 1: through the gate of a ReLU
  biased: u32, // 1: the bias is updated too
  momentum: f32, decay: f32, rateMultiplier: f32, biasDecay: f32, biasRateMultiplier: f32, // as sgd.wgsl has them
  //#slot branches
  //#end
}
