// Gradient of the three 1 x 1 convolutions of an inception module with respect to the input they share, as one matrix product: a pass of
// gemm/gemm-workgroup.wgsl. Rows are pixels, columns are channels, and k runs over the outputs of the three, one after the other.
//
//   a[pixel, m] = dy[pixel, m] for the outputs of the first, dreduced[pixel, m] for those of the others        b[m, c] = filter of m [c, m]
//
// filters: the stretch of memory that holds the filters.

@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
@group(0) @binding(4) var<storage, read> dreduced: array<vec4f>;
//#slot result
//#include "gemm/gemm-backward-data-result.wgsl"
//#end

// Neighbours in memory: of both along k.
const A_ALONG_K = true;
const B_ALONG_K = true;

// By Vector: where its pixel's gradients begin, of the first branch and of the others, and its channel. All but channels are counted in Vectors.
var<private> firstAt: array<u32, A_LOADS>;
var<private> othersAt: array<u32, A_LOADS>;
var<private> channel: array<u32, B_LOADS>;
var<private> output: u32;
var<private> others: array<vec4f, A_LOADS>;
var<private> isFirst: bool;

fn open(row: u32, column: u32, first: u32) {
  output = (first + kOf(true)) / VECTOR;
  for (var u = 0u; u < A_LOADS; u++) {
    let pixel = min(row + lineOf(u, true), dims.rows - 1);
    firstAt[u] = (pixel * dims.yStride + dims.yFirst) / VECTOR;
    othersAt[u] = pixel * ((dims.outputs1 + dims.outputs2) / VECTOR);
  }
  for (var u = 0u; u < B_LOADS; u++) { channel[u] = min(column + lineOf(u, true), dims.channels - 1); }
}

fn load(ahead: u32) {
  bInside = kOf(true) < ahead;
  let first1 = dims.outputs0 / VECTOR;
  let first2 = first1 + dims.outputs1 / VECTOR;
  isFirst = output < first1;
  let isSecond = output < first2;
  for (var u = 0u; u < A_LOADS; u++) {
    // Both are loaded, one of them from the beginning: a branch would make it wait for its loads, and so would a choice right behind them.
    a[u] = dy[select(0, firstAt[u] + output, bInside && isFirst)];
    others[u] = dreduced[select(0, othersAt[u] + output - first1, bInside && !isFirst)];
    aInside[u] = bInside;
  }
  let width = select(select(dims.outputs2, dims.outputs1, isSecond), dims.outputs0, isFirst) / VECTOR;
  let base = select(select(dims.filter2At, dims.filter1At, isSecond), dims.filter0At, isFirst) / VECTOR;
  let at = base + output - select(select(first2, first1, isSecond), 0, isFirst);
  for (var u = 0u; u < B_LOADS; u++) { b[u] = filters[select(0, channel[u] * width + at, bInside)]; }
  output += DEPTH / VECTOR;
}

fn closeTile(row: u32, column: u32, part: u32) {}
