// Sums as they are, for gemm/gemm-workgroup.wgsl, gemm/gemm-skinny.wgsl and gemm/gemm-matrix.wgsl: the gradient of a filter, or parts of sums that are split
// along k. With BIAS each part has one row more, the bias's. result: [parts, groups, rows (+ 1), columns]

@group(0) @binding(3) var<storage, read_write> result: array<Vector>;

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn resultAt(row: u32, column: u32, part: u32) -> u32 {
  let rows = dims.rows + select(0u, 1u, BIAS);
  return ((part * dims.groups + group) * rows + row) * dims.columns + runStart() + column;
}

fn finish(at: u32, sum: Vector) {
  var made = sum;
  if (dims.accumulate == 1) { made += result[at]; }
  result[at] = made;
}

fn finishBias(column: u32, part: u32, sum: Vector) { finish(resultAt(dims.rows, column, part) / VECTOR, sum); }
