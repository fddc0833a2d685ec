// Gradient with respect to the filter, for gemm_workgroup.wgsl. Rows are (r, t, c) as the filter lies, columns are outputs, k runs over output
// pixels, those of one chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;

// False: neighbours of b along a row of columns lie side by side.
const B_ALONG_K = false;

// Of this invocation's four rows: the tap, less the padding, and the channel.
var<private> tapRow: vec4u;
var<private> tapColumn: vec4u;
var<private> channel: vec4u;

fn openRows(row: u32) {
  let element = min(row + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
  channel = dims.xFirst + group * dims.channels + element % dims.channels;
  tapRow = element / dims.channels / dims.kw - dims.pad;
  tapColumn = element / dims.channels % dims.kw - dims.pad;
}

fn loadA(pixel: u32) -> vec4f {
  let n = pixel / (dims.oh * dims.ow);
  // Above or left of the image is negative, hence huge as u32, hence outside.
  let iy = pixel / dims.ow % dims.oh * dims.stride + tapRow;
  let ix = pixel % dims.ow * dims.stride + tapColumn;
  var a = vec4f();
  for (var i = 0u; i < 4; i++) {
    if (iy[i] < dims.height && ix[i] < dims.width) { a[i] = x[((n * dims.height + iy[i]) * dims.width + ix[i]) * dims.xStride + channel[i]]; }
  }
  return a;
}

fn loadB(pixel: u32, column: u32) -> vec4f {
  var b = vec4f();
  for (var j = 0u; j < 4; j++) {
    if (column + j < dims.columns) { b[j] = dy[pixel * dims.yStride + dims.yFirst + group * dims.outputs + column + j]; }
  }
  return b;
}

fn startOf(column: u32) -> f32 { return 0; }

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return ((split * dims.groups + group) * dims.rows + row) * dims.outputs + column; }
