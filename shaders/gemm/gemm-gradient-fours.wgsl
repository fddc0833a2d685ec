// The gradient of a filter as it is, for gemm/gemm-subgroup-backward-filter.wgsl and gemm/gemm-quad-backward-filter.wgsl, which know the four of outputs
// that a column is (`fourOf`); with BIAS each part of a split sum has one row more, the bias's.
// result: [splits, groups, rows (+ 1), outputs]

@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;

fn resultAt(row: u32, column: u32, split: u32) -> u32 {
  let rows = dims.rows + select(0u, 1u, BIAS);
  return ((split * dims.groups + group) * rows + row) * (dims.outputs / 4) + fourOf(column);
}

fn finish(at: u32, sum: vec4f) {
  var gradient = sum;
  if (dims.accumulate == 1) { gradient += result[at]; }
  result[at] = gradient;
}

fn finishBias(column: u32, split: u32, sum: vec4f) { finish(resultAt(dims.rows, column, split), sum); }
