// Forward pass of a convolution for gemm/gemm-matrix.wgsl. Rows are output pixels, columns are outputs, k is (r, t, c) as the filter lies.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

//#include "gemm/gemm-matrix-taps.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#include "gemm/gemm-forward-epilogue.wgsl"

const A_ALONG_K = true;
const B_ALONG_K = false;

// By four of a: where its window starts. Above or left of the image is negative, hence huge as u32, hence outside.
var<private> top: array<u32, A_FOURS>;
var<private> left: array<u32, A_FOURS>;
var<private> start: array<u32, A_FOURS>; // in fours
// The first four of b.
var<private> bAt: u32; // in fours
var<private> bK: u32;

fn openTile(index: u32, row: u32, column: u32, first: u32) {
  openTaps(first + placeOfA(index, 0).k, dims.channels);
  for (var u = 0u; u < A_FOURS; u++) {
    let pixel = min(row + placeOfA(index, u).line, dims.rows - 1);
    top[u] = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
    left[u] = pixel % dims.ow * dims.stride - dims.pad;
    let line = pixel / (dims.oh * dims.ow) * dims.height + top[u];
    start[u] = (line * dims.width + left[u]) * (dims.xStride / 4) + (dims.xFirst + group * dims.channels) / 4;
  }
  let place = placeOfB(index, 0);
  bK = first + place.k;
  bAt = ((group * dims.depth + bK) * dims.outputs + min(column + place.line, dims.columns - 4)) / 4;
}

fn loadFours() {
  let reach = (along.r * dims.width + along.t) * (dims.xStride / 4) + along.element / 4;
  for (var u = 0u; u < A_FOURS; u++) {
    aInside[u] = top[u] + along.r < dims.height && left[u] + along.t < dims.width && along.k < last;
    aLoaded[u] = x[select(0, start[u] + reach, aInside[u])];
  }
  for (var u = 0u; u < B_FOURS; u++) {
    bInside[u] = bK + u < last;
    bLoaded[u] = filters[select(0, bAt + u * (dims.outputs / 4), bInside[u])];
  }
  bAt += DEPTH * (dims.outputs / 4);
  bK += DEPTH;
  stepTaps(dims.channels);
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.yStride + dims.yFirst + group * dims.outputs + column; }

fn addToBias(_four: vec4f) {}
fn closeTile(_index: u32, _row: u32, _column: u32, _split: u32) {}
