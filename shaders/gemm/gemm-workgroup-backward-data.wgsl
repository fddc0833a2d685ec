// Gradient with respect to the input, for gemm/gemm-workgroup.wgsl. Rows are input pixels, columns are channels, k is (r, t, m).
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy STRIDE - pad + r = iy and ox STRIDE - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]

//#include "gemm/gemm-workgroup-walk.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#slot finish
//#include "gemm/gemm-workgroup-backward-data-finish.wgsl"
//#end

const STRIDE: u32 = 1; //#param

// Neighbours in memory: of both along k.
const A_ALONG_K = true;
const B_ALONG_K = true;

// By Vector of a: oy STRIDE and ox STRIDE of the output that reaches its pixel through tap (0, 0), where that lies, with as large a stride, and the first
// of its image.
var<private> bottom: array<u32, A_LOADS>;
var<private> right: array<u32, A_LOADS>;
var<private> start: array<u32, A_LOADS>;
var<private> image: array<u32, A_LOADS>;
// (m, t, r) of a and b, and how far back and on that lies in a and b. Outputs and addresses are counted in Vectors.
var<private> walk: Walk;
var<private> gainA: Gain;
var<private> gainB: Gain;
var<private> tap: Position;
var<private> back: u32;

fn open(row: u32, column: u32, first: u32) {
  let outputs = dims.outputs / VECTOR;
  let yStride = dims.yStride / VECTOR;
  walk = Walk(outputs, dims.kw, positionOf(DEPTH / VECTOR, outputs, dims.kw));
  gainA = gainOf(walk, 0, yStride, dims.ow * yStride);
  gainB = gainOf(walk, 1, dims.channels * outputs, dims.kw * dims.channels * outputs);
  tap = positionOf((first + placeAlong(0).k) / VECTOR, outputs, dims.kw);
  back = (tap.high * dims.ow + tap.middle) * yStride;
  for (var u = 0u; u < A_LOADS; u++) {
    let pixel = min(row + placeAlong(u).line, dims.rows - 1);
    bottom[u] = pixel / dims.width % dims.height + dims.pad;
    right[u] = pixel % dims.width + dims.pad;
    start[u] = (bottom[u] * dims.ow + right[u]) * yStride;
    image[u] = pixel / (dims.height * dims.width) * dims.oh * dims.ow * yStride + (dims.yFirst + group * dims.outputs) / VECTOR;
  }
  for (var u = 0u; u < B_LOADS; u++) {
    let channel = min(column + placeAlong(u).line, dims.channels - 1);
    let line = ((group * dims.kh + tap.high) * dims.kw + tap.middle) * dims.channels + channel;
    bAt[u] = line * outputs + tap.low;
  }
}

fn load(ahead: u32) {
  for (var u = 0u; u < A_LOADS; u++) {
    // Above or left of dy is negative, hence huge as u32, hence outside.
    let down = bottom[u] - tap.high;
    let across = right[u] - tap.middle;
    let hit = down % STRIDE + across % STRIDE == 0;
    aInside[u] = hit && down / STRIDE < dims.oh && across / STRIDE < dims.ow && placeAlong(u).k < ahead;
    a[u] = dy[select(0, image[u] + (start[u] - back) / STRIDE + tap.low, aInside[u])];
  }
  for (var u = 0u; u < B_LOADS; u++) {
    bInside[u] = placeAlong(u).k < ahead;
    b[u] = filters[select(0, bAt[u], bInside[u])];
  }
  tap = stepped(tap, walk);
  back = advanced(back, gainA, tap);
  for (var u = 0u; u < B_LOADS; u++) { bAt[u] = advanced(bAt[u], gainB, tap); }
}

fn closeTile(row: u32, column: u32, split: u32) {}
