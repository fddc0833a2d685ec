// Gradient with respect to the input, for gemm/gemm-workgroup.wgsl. Rows are input pixels, columns are channels, k is (r, t, m).
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy STRIDE - pad + r = iy and ox STRIDE - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]

//#include "gemm/gemm-workgroup-walk.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#slot result
//#include "gemm/gemm-backward-data-result.wgsl"
//#end

const STRIDE: u32 = 1; //#param

// Neighbours in memory: of both along k.
const A_ALONG_K = true;
const B_ALONG_K = true;

// By Vector of a: oy STRIDE and ox STRIDE of the output that reaches its pixel through tap (0, 0), and where that lies.
var<private> bottom: array<u32, A_LOADS>;
var<private> right: array<u32, A_LOADS>;
var<private> start: array<u32, A_LOADS>;
// (m, t, r) of a and b, and how far from the start that lies in a. Outputs and addresses are counted in Vectors.
var<private> walk: Walk;
var<private> gainA: Gain;
var<private> gainB: Gain;
var<private> tap: Position;
var<private> tapAt: u32;

fn open(row: u32, column: u32, first: u32) {
  let outputs = dims.outputs / VECTOR;
  let yStride = dims.yStride / VECTOR;
  walk = walkOf(DEPTH / VECTOR, outputs, dims.kw, 1);
  // Later taps reach earlier outputs.
  gainA = gainOf(walk, 1, 0 - yStride, 0 - dims.ow * yStride);
  gainB = gainOf(walk, 1, dims.channels * outputs, dims.kw * dims.channels * outputs);
  tap = positionOf((first + kOf(true)) / VECTOR, outputs, dims.kw, 1);
  tapAt = offsetOf(tap);
  for (var u = 0u; u < A_LOADS; u++) {
    let pixel = min(row + lineOf(u, true), dims.rows - 1);
    bottom[u] = pixel / dims.width % dims.height + dims.pad;
    right[u] = pixel % dims.width + dims.pad;
    let line = pixel / (dims.height * dims.width) * dims.oh + bottom[u] / STRIDE;
    start[u] = (line * dims.ow + right[u] / STRIDE) * yStride + (dims.yFirst + group * dims.outputs) / VECTOR;
  }
  for (var u = 0u; u < B_LOADS; u++) {
    let channel = min(column + lineOf(u, true), dims.channels - 1);
    let line = ((group * dims.kh + tap.high) * dims.kw + tap.middle) * dims.channels + channel;
    bAt[u] = line * outputs + tap.low;
  }
}

fn offsetOf(tap: Position) -> u32 { return tap.low - (tap.high / STRIDE * dims.ow + tap.middle / STRIDE) * (dims.yStride / VECTOR); }

fn load(ahead: u32) {
  bInside = kOf(true) < ahead;
  for (var u = 0u; u < A_LOADS; u++) {
    // Above or left of dy is negative, hence huge as u32, hence outside.
    let y = bottom[u] - tap.high;
    let x = right[u] - tap.middle;
    aInside[u] = y / STRIDE < dims.oh && x / STRIDE < dims.ow && y % STRIDE + x % STRIDE == 0 && bInside;
    a[u] = dy[select(0, start[u] + tapAt, aInside[u])];
  }
  for (var u = 0u; u < B_LOADS; u++) { b[u] = filters[select(0, bAt[u], bInside)]; }
  tap = stepped(tap, walk);
  if (STRIDE == 1) { tapAt = advanced(tapAt, gainA, tap); } else { tapAt = offsetOf(tap); }
  for (var u = 0u; u < B_LOADS; u++) { bAt[u] = advanced(bAt[u], gainB, tap); }
}

fn closeTile(row: u32, column: u32, part: u32) {}
