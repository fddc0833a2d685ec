// Forward pass of a convolution for gemm/gemm-workgroup.wgsl. Rows are output pixels, columns are outputs, k is (r, t, c) as the filter lies.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

//#include "gemm/gemm-workgroup-walk.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#slot result
//#include "gemm/gemm-forward-result.wgsl"
//#end
//#slot filter
fn filterAt() -> u32 { return group * dims.depth * dims.outputs; }
//#end

// Neighbours in memory: of a along k, of b along a row of columns.
const A_ALONG_K = true;
const B_ALONG_K = false;

// By Vector of a: where the window of its pixel starts. Above or left of the image is negative, hence huge as u32, hence outside.
var<private> top: array<u32, A_LOADS>;
var<private> left: array<u32, A_LOADS>;
var<private> start: array<u32, A_LOADS>;
// (c, t, r) of a, and where it lies from the start of a window. Channels and addresses are counted in Vectors.
var<private> walk: Walk;
var<private> gain: Gain;
var<private> tap: Position;
var<private> tapAt: u32;

fn open(row: u32, column: u32, first: u32) {
  let channels = dims.channels / VECTOR;
  let xStride = dims.xStride / VECTOR;
  walk = walkOf(DEPTH / VECTOR, channels, dims.kw, 1);
  gain = gainOf(walk, 1, xStride, dims.width * xStride);
  tap = positionOf((first + kOf(true)) / VECTOR, channels, dims.kw, 1);
  tapAt = (tap.high * dims.width + tap.middle) * xStride + tap.low;
  for (var u = 0u; u < A_LOADS; u++) {
    let pixel = min(row + lineOf(u, true), dims.rows - 1);
    top[u] = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
    left[u] = pixel % dims.ow * dims.stride - dims.pad;
    let line = pixel / (dims.oh * dims.ow) * dims.height + top[u];
    start[u] = (line * dims.width + left[u]) * xStride + (dims.xFirst + group * dims.channels) / VECTOR;
  }
  for (var u = 0u; u < B_LOADS; u++) {
    let output = min(column + lineOf(u, false), columnsEnd() - VECTOR);
    bAt[u] = (filterAt() + (first + kOf(false)) * columnsEnd() + output) / VECTOR;
  }
}

fn load(ahead: u32) {
  for (var u = 0u; u < A_LOADS; u++) {
    aInside[u] = top[u] + tap.high < dims.height && left[u] + tap.middle < dims.width && kOf(true) < ahead;
    a[u] = x[select(0, start[u] + tapAt, aInside[u])];
  }
  bInside = kOf(false) < ahead;
  for (var u = 0u; u < B_LOADS; u++) {
    b[u] = filters[select(0, bAt[u], bInside)];
    bAt[u] += DEPTH * (columnsEnd() / VECTOR);
  }
  tap = stepped(tap, walk);
  tapAt = advanced(tapAt, gain, tap);
}

fn closeTile(row: u32, column: u32, part: u32) {}
