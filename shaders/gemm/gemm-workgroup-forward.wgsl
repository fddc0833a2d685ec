// Forward pass of a convolution for gemm/gemm-workgroup.wgsl. Rows are output pixels, columns are outputs, k is (r, t, c) as the filter lies.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

//#include "gemm/gemm-workgroup-taps.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#include "gemm/gemm-forward-epilogue.wgsl"

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

fn loadA(u: u32, k: u32) -> mat4x4f { return transpose(mat4x4f(rowOfA(u, 0, k), rowOfA(u, 1, k), rowOfA(u, 2, k), rowOfA(u, 3, k))); }
fn rowOfA(u: u32, i: u32, k: u32) -> vec4f {
  var four = vec4f();
  var here = along;
  for (var e = 0u; e < 4; e += VECTOR) {
    let inside = top[u][i] + here.r < dims.height && left[u][i] + here.t < dims.width && k + e < last;
    let at = start[u][i] + (here.r * dims.width + here.t) * dims.xStride + here.element;
    if (inside) { four = withPart(four, e, x[at / VECTOR]); }
    if (VECTOR == 1) { here = stepped(here, 1, dims.channels); }
  }
  return four;
}

fn loadB(column: u32, k: u32) -> mat4x4f { return mat4x4f(lineOfB(column, k), lineOfB(column, k + 1), lineOfB(column, k + 2), lineOfB(column, k + 3)); }
fn lineOfB(column: u32, k: u32) -> vec4f {
  var four = vec4f();
  let at = (group * dims.depth + k) * dims.outputs + column;
  for (var j = 0u; j < 4; j += VECTOR) {
    if (k < last && column + j < dims.columns) { four = withPart(four, j, filters[(at + j) / VECTOR]); }
  }
  return four;
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.yStride + dims.yFirst + group * dims.outputs + column; }

fn sumBias(row: u32, down: u32, beside: u32) {}
fn closeTile(row: u32, column: u32, down: u32, beside: u32, split: u32) {}
