// Gradient with respect to the filter, for gemm/gemm-workgroup.wgsl. Rows are (r, t, c) as the filter lies, columns are outputs, k runs over output
// pixels, those of one chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

//#include "gemm/gemm-workgroup-walk.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
//#slot gradients
fn yStride() -> u32 { return dims.yStride; }
fn yFirst() -> u32 { return dims.yFirst; }
fn loadGradient(u: u32, at: u32) { b[u] = dy[at]; }
//#end
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-part-result.wgsl"
//#end

// Neighbours in memory: of a along its rows, of b along its columns.
const A_ALONG_K = false;
const B_ALONG_K = false;

// By Vector of a: the tap of its row, less the padding, and where it lies from a pixel on.
var<private> top: array<u32, A_LOADS>;
var<private> left: array<u32, A_LOADS>;
var<private> start: array<u32, A_LOADS>;
// (ox, oy, n) of a, the first two times the stride, and where that pixel lies. Addresses are counted in Vectors.
var<private> walk: Walk;
var<private> gain: Gain;
var<private> pixel: Position;
var<private> pixelAt: u32;

fn open(row: u32, column: u32, first: u32) {
  let xStride = dims.xStride / VECTOR;
  walk = walkOf(DEPTH, dims.ow, dims.oh, dims.stride);
  gain = gainOf(walk, xStride, dims.width * xStride, dims.height * dims.width * xStride);
  pixel = positionOf(first + kOf(false), dims.ow, dims.oh, dims.stride);
  pixelAt = ((pixel.high * dims.height + pixel.middle) * dims.width + pixel.low) * xStride;
  for (var u = 0u; u < A_LOADS; u++) {
    let element = min(row + lineOf(u, false), dims.rows - VECTOR);
    top[u] = element / dims.channels / dims.kw - dims.pad;
    left[u] = element / dims.channels % dims.kw - dims.pad;
    let channel = dims.xFirst + group * dims.channels + element % dims.channels;
    start[u] = (top[u] * dims.width + left[u]) * xStride + channel / VECTOR;
  }
  for (var u = 0u; u < B_LOADS; u++) {
    let output = min(column + lineOf(u, false), columnsEnd() - VECTOR);
    bAt[u] = ((first + kOf(false)) * yStride() + yFirst() + group * dims.outputs + output) / VECTOR;
  }
}

fn load(ahead: u32) {
  bInside = kOf(false) < ahead;
  for (var u = 0u; u < A_LOADS; u++) {
    // Above or left of the image is negative, hence huge as u32, hence outside.
    aInside[u] = pixel.middle + top[u] < dims.height && pixel.low + left[u] < dims.width && bInside;
    a[u] = x[select(0, pixelAt + start[u], aInside[u])];
  }
  for (var u = 0u; u < B_LOADS; u++) {
    loadGradient(u, select(0, bAt[u], bInside));
    bAt[u] += DEPTH * (yStride() / VECTOR);
  }
  pixel = stepped(pixel, walk);
  pixelAt = advanced(pixelAt, gain, pixel);
}

// The gradient of the bias is the sum of b over k. An invocation adds up its Vectors, the tiles of the first rows add up the invocations'.
fn closeTile(row: u32, column: u32, part: u32) {
  if (!BIAS || row > 0 || dims.biased == 0) { return; }
  workgroupBarrier();
  for (var u = 0u; u < B_LOADS; u++) { layAcross(ROWS, u, bSums[u]); }
  workgroupBarrier();
  let line = invocation * VECTOR;
  if (line >= min(COLUMNS, columnsEnd() - column)) { return; }
  var sum = Vector();
  for (var k = 0u; k < DEPTH; k++) { sum += partOf(fourAt(k, (ROWS + line) / 4), line % 4); }
  finishBias(column + line, part, sum);
}
