// Forward pass of a convolution for gemm_workgroup.wgsl. Rows are output pixels, columns are outputs, k is (r, t, c) as the filter lies.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

//#include "lib/gemm_workgroup_taps.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
@group(0) @binding(3) var<storage, read_write> result: array<Vector>;
//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end
//#slot dropout
fn dropped(value: Vector, _at: u32) -> Vector { return value; }
//#end

// Neighbours in memory: of a along k, of b along a row of columns.
const A_ALONG_K = true;
const B_ALONG_K = false;

// Of a block's four rows: where their windows start. Above or left of the image is negative, hence huge as u32, hence outside.
var<private> top: array<vec4u, BLOCKS>;
var<private> left: array<vec4u, BLOCKS>;
var<private> start: array<vec4u, BLOCKS>;

fn openA(u: u32, row: u32) {
  let pixel = min(row + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
  top[u] = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
  left[u] = pixel % dims.ow * dims.stride - dims.pad;
  let line = pixel / (dims.oh * dims.ow) * dims.height + top[u];
  start[u] = (line * dims.width + left[u]) * dims.xStride + dims.xFirst + group * dims.channels;
}

fn openK(k: u32) { along = alongFrom(k, dims.channels); }
fn stepK() { along = stepped(along, DEPTH, dims.channels); }

fn loadA(u: u32, k: u32) -> mat4x4f {
  var a = mat4x4f();
  var here = along;
  for (var e = 0u; e < 4; e += VECTOR) {
    let iy = top[u] + here.r;
    let ix = left[u] + here.t;
    let at = start[u] + (here.r * dims.width + here.t) * dims.xStride + here.element;
    for (var i = 0u; i < 4; i++) {
      if (iy[i] < dims.height && ix[i] < dims.width && k + e < last) {
        let channels = vec4f(x[at[i] / VECTOR]);
        for (var v = 0u; v < VECTOR; v++) { a[e + v][i] = channels[v]; }
      }
    }
    if (VECTOR == 1) { here = stepped(here, 1, dims.channels); }
  }
  return a;
}

fn loadB(column: u32, k: u32) -> mat4x4f {
  var b = mat4x4f();
  for (var e = 0u; e < 4; e++) {
    for (var j = 0u; j < 4; j += VECTOR) {
      if (k + e < last && column + j < dims.columns) {
        let outputs = vec4f(filters[((group * dims.depth + k + e) * dims.outputs + column + j) / VECTOR]);
        for (var v = 0u; v < VECTOR; v++) { b[e][j + v] = outputs[v]; }
      }
    }
  }
  return b;
}

fn startOf(column: u32) -> vec4f {
  if (dims.accumulate == 1) { return vec4f(); }
  let output = group * dims.outputs + column;
  return vec4f(biasOf(output), biasOf(output + 1), biasOf(output + 2), biasOf(output + 3));
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.yStride + dims.yFirst + group * dims.outputs + column; }

fn finish(at: u32, sum: Vector) {
  var y = sum;
  if (dims.accumulate == 1) { y += result[at]; }
  result[at] = dropped(select(y, max(y, Vector()), dims.relu == 1), at);
}

fn sumBias(row: u32, down: u32, beside: u32) {}
fn closeTile(row: u32, column: u32, down: u32, beside: u32, split: u32) {}
