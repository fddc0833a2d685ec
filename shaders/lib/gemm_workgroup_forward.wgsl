// Forward pass of a convolution for gemm_workgroup.wgsl. Rows are output pixels, columns are outputs, k is (r, t, c) as the filter lies.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> filters: array<f32>;
//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end

// False: neighbours of b along a row of columns lie side by side.
const B_ALONG_K = false;

// Of this invocation's four rows: where their windows start. Above or left of the image is negative, hence huge as u32, hence outside.
var<private> image: vec4u;
var<private> top: vec4u;
var<private> left: vec4u;

fn openRows(row: u32) {
  let pixel = min(row + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
  image = pixel / (dims.oh * dims.ow) * dims.height;
  top = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
  left = pixel % dims.ow * dims.stride - dims.pad;
}

fn loadA(k: u32) -> vec4f {
  let c = k % dims.channels;
  let tap = k / dims.channels;
  let iy = top + tap / dims.kw;
  let ix = left + tap % dims.kw;
  var a = vec4f();
  for (var i = 0u; i < 4; i++) {
    if (iy[i] < dims.height && ix[i] < dims.width) {
      a[i] = x[((image[i] + iy[i]) * dims.width + ix[i]) * dims.xStride + dims.xFirst + group * dims.channels + c];
    }
  }
  return a;
}

fn loadB(k: u32, column: u32) -> vec4f {
  var b = vec4f();
  for (var j = 0u; j < 4; j++) {
    if (column + j < dims.columns) { b[j] = filters[(group * dims.depth + k) * dims.outputs + column + j]; }
  }
  return b;
}

fn startOf(column: u32) -> f32 { return biasOf(group * dims.outputs + column); }

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.yStride + dims.yFirst + group * dims.outputs + column; }
