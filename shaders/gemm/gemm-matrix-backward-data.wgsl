// Gradient with respect to the input of a convolution with stride 1, for gemm/gemm-matrix.wgsl. Rows are input pixels, columns are channels, k is (r, t, m).
//
//   a[pixel, (r, t, m)] = dy[n, iy + pad - r, ix + pad - t, m]        b[(r, t, m), c] = filters[g, r, t, c, m]

//#include "gemm/gemm-matrix-taps.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#include "gemm/gemm-gradient-epilogue.wgsl"

const A_ALONG_K = true;
const B_ALONG_K = true;

// By four of a: the output whose first tap its pixel is. What lies above or left of the image becomes huge, hence is outside.
var<private> bottom: array<u32, A_FOURS>;
var<private> right: array<u32, A_FOURS>;
var<private> start: array<u32, A_FOURS>; // in fours
var<private> bAt: array<u32, B_FOURS>; // in fours

fn openTile(index: u32, row: u32, column: u32, first: u32) {
  openTaps(first + placeOfA(index, 0).k, dims.outputs);
  for (var u = 0u; u < A_FOURS; u++) {
    let pixel = min(row + placeOfA(index, u).line, dims.rows - 1);
    bottom[u] = pixel / dims.width % dims.height + dims.pad;
    right[u] = pixel % dims.width + dims.pad;
    let line = pixel / (dims.height * dims.width) * dims.oh + bottom[u];
    start[u] = (line * dims.ow + right[u]) * (dims.yStride / 4) + (dims.yFirst + group * dims.outputs) / 4;
  }
  for (var u = 0u; u < B_FOURS; u++) {
    let c = min(column + placeOfB(index, u).line, dims.columns - 1);
    bAt[u] = (group * dims.kh * dims.kw * dims.channels + c) * (dims.outputs / 4);
  }
}

fn loadFours() {
  let reach = along.element / 4 - (along.r * dims.ow + along.t) * (dims.yStride / 4);
  let bReach = (along.r * dims.kw + along.t) * dims.channels * (dims.outputs / 4) + along.element / 4;
  let some = along.k < last;
  for (var u = 0u; u < A_FOURS; u++) {
    aInside[u] = bottom[u] - along.r < dims.oh && right[u] - along.t < dims.ow && some;
    aLoaded[u] = dy[select(0, start[u] + reach, aInside[u])];
  }
  for (var u = 0u; u < B_FOURS; u++) {
    bInside[u] = some;
    bLoaded[u] = filters[select(0, bAt[u] + bReach, some)];
  }
  stepTaps(dims.outputs);
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.xStride + dims.xFirst + group * dims.channels + column; }
fn startOf(_column: u32) -> vec4f { return vec4f(); }

fn addToBias(_four: vec4f) {}
fn closeTile(_index: u32, _row: u32, _column: u32, _split: u32) {}
