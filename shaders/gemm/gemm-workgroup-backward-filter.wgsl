// Gradient with respect to the filter, for gemm/gemm-workgroup.wgsl. Rows are (r, t, c) as the filter lies, columns are outputs, k runs over output
// pixels, those of one chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-workgroup-gradient.wgsl"
//#end

// Whether the gradient of the bias is made as well: the sum over all pixels of dy, by the tiles of the first rows.
const BIAS: bool = false; //#param

// Neighbours in memory: of a along its rows, of b along its columns.
const A_ALONG_K = false;
const B_ALONG_K = false;

// Of a block's four rows: the tap, less the padding, and the channel.
var<private> tapRow: array<vec4u, BLOCKS>;
var<private> tapColumn: array<vec4u, BLOCKS>;
var<private> channel: array<vec4u, BLOCKS>;

fn openA(u: u32, row: u32) {
  let element = min(row + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
  channel[u] = dims.xFirst + group * dims.channels + element % dims.channels;
  tapRow[u] = element / dims.channels / dims.kw - dims.pad;
  tapColumn[u] = element / dims.channels % dims.kw - dims.pad;
}

fn openK(k: u32) {}
fn stepK() {}

fn loadA(u: u32, k: u32) -> mat4x4f { return mat4x4f(lineOfA(u, k), lineOfA(u, k + 1), lineOfA(u, k + 2), lineOfA(u, k + 3)); }
fn lineOfA(u: u32, pixel: u32) -> vec4f {
  var four = vec4f();
  let line = pixel / dims.ow;
  let n = line / dims.oh;
  for (var i = 0u; i < 4; i += VECTOR) {
    // Above or left of the image is negative, hence huge as u32, hence outside.
    let iy = (line - n * dims.oh) * dims.stride + tapRow[u][i];
    let ix = (pixel - line * dims.ow) * dims.stride + tapColumn[u][i];
    let at = ((n * dims.height + iy) * dims.width + ix) * dims.xStride + channel[u][i];
    if (iy < dims.height && ix < dims.width && pixel < last) { four = withPart(four, i, x[at / VECTOR]); }
  }
  return four;
}

fn loadB(column: u32, k: u32) -> mat4x4f { return mat4x4f(lineOfB(column, k), lineOfB(column, k + 1), lineOfB(column, k + 2), lineOfB(column, k + 3)); }
fn lineOfB(column: u32, pixel: u32) -> vec4f {
  var four = vec4f();
  let at = pixel * dims.yStride + dims.yFirst + group * dims.outputs + column;
  for (var j = 0u; j < 4; j += VECTOR) {
    if (pixel < last && column + j < dims.columns) { four = withPart(four, j, dy[(at + j) / VECTOR]); }
  }
  return four;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

var<private> biasSums: array<vec4f, MICRO / 4>;

fn sumBias(row: u32, down: u32, beside: u32) {
  if (!BIAS || row > 0 || down > 0 || dims.biased == 0) { return; }
  for (var d = 0u; d < DEPTH; d++) {
    for (var q = 0u; q < MICRO / 4; q++) { biasSums[q] += bTile[d][q * BESIDE + beside]; }
  }
}

fn closeTile(row: u32, column: u32, down: u32, beside: u32, split: u32) {
  if (!BIAS || row > 0 || down > 0 || dims.biased == 0) { return; }
  for (var q = 0u; q < MICRO / 4; q++) {
    let first = column + 4 * (q * BESIDE + beside);
    for (var j = 0u; j < 4; j += VECTOR) {
      if (first + j < dims.columns) { finishBias(first + j, split, partOf(biasSums[q], j)); }
    }
  }
}
