// Where results of the three 1 x 1 convolutions of an inception module lie that share their input, and what becomes of their sums: for the forward pass of
// gemm/gemm-workgroup.wgsl and for gemm-sums.wgsl. filters: the stretch of memory that holds filters and biases.

@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> reduced: array<vec4f>;

fn startOf(column: u32) -> vec4f { return filters[(array(dims.bias0At, dims.bias1At, dims.bias2At)[branch] + column) / 4]; }

fn resultAt(row: u32, column: u32, part: u32) -> u32 {
  if (branch == 0) { return row * dims.yStride + dims.yFirst + column; }
  return row * (dims.outputs1 + dims.outputs2) + select(0u, dims.outputs1, branch == 2) + column;
}

fn finish(at: u32, sum: vec4f) {
  let value = select(sum, max(sum, vec4f()), dims.relu == 1);
  if (branch == 0) { y[at] = value; } else { reduced[at] = value; }
}
