// Gradient with respect to the filter, for gemm/gemm-workgroup.wgsl. Rows are (r, t, c) as the filter lies, columns are outputs, k runs over output
// pixels, those of one chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

//#include "gemm/gemm-workgroup-walk.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-workgroup-sums.wgsl"
//#end

// Neighbours in memory: of a along its rows, of b along its columns.
const A_ALONG_K = false;
const B_ALONG_K = false;

// Of this invocation's row: the tap, less the padding. By Vector of a: (ox, oy, n) of its pixel, and where it lies, counted in Vectors.
var<private> tapRow: u32;
var<private> tapColumn: u32;
var<private> walk: Walk;
var<private> gain: Gain;
var<private> pixel: array<Position, A_LOADS>;
var<private> aAt: array<u32, A_LOADS>;

fn open(row: u32, column: u32, first: u32) {
  let xStride = dims.xStride / VECTOR;
  walk = Walk(dims.ow, dims.oh, positionOf(DEPTH, dims.ow, dims.oh));
  gain = gainOf(walk, dims.stride * xStride, dims.stride * dims.width * xStride, dims.height * dims.width * xStride);
  let element = min(row + placeAcross(0, ROWS).line, dims.rows - VECTOR);
  tapRow = element / dims.channels / dims.kw - dims.pad;
  tapColumn = element / dims.channels % dims.kw - dims.pad;
  for (var u = 0u; u < A_LOADS; u++) {
    pixel[u] = positionOf(first + placeAcross(u, ROWS).k, dims.ow, dims.oh);
    let line = pixel[u].high * dims.height + pixel[u].middle * dims.stride + tapRow;
    let at = line * dims.width + pixel[u].low * dims.stride + tapColumn;
    aAt[u] = at * xStride + (dims.xFirst + group * dims.channels + element % dims.channels) / VECTOR;
  }
  for (var u = 0u; u < B_LOADS; u++) {
    let place = placeAcross(u, COLUMNS);
    let output = min(column + place.line, dims.columns - VECTOR);
    bAt[u] = ((first + place.k) * dims.yStride + dims.yFirst + group * dims.outputs + output) / VECTOR;
  }
}

fn load(ahead: u32) {
  for (var u = 0u; u < A_LOADS; u++) {
    // Above or left of the image is negative, hence huge as u32, hence outside.
    let iy = pixel[u].middle * dims.stride + tapRow;
    let ix = pixel[u].low * dims.stride + tapColumn;
    aInside[u] = iy < dims.height && ix < dims.width && placeAcross(u, ROWS).k < ahead;
    a[u] = x[select(0, aAt[u], aInside[u])];
    pixel[u] = stepped(pixel[u], walk);
    aAt[u] = advanced(aAt[u], gain, pixel[u]);
  }
  for (var u = 0u; u < B_LOADS; u++) {
    bInside[u] = placeAcross(u, COLUMNS).k < ahead;
    b[u] = dy[select(0, bAt[u], bInside[u])];
    bAt[u] += DEPTH * (dims.yStride / VECTOR);
  }
}

// The gradient of the bias is the sum of b over k. An invocation adds up its Vectors, the tiles of the first rows add up the invocations'.
fn closeTile(row: u32, column: u32, split: u32) {
  if (!BIAS || row > 0 || dims.biased == 0) { return; }
  let place = placeAcross(0, COLUMNS);
  workgroupBarrier();
  layAcross(place.k, ROWS + place.line, bSum);
  workgroupBarrier();
  if (place.k > 0 || column + place.line >= dims.columns) { return; }
  var sum = Vector();
  for (var k = 0u; k < DEPTH / B_LOADS; k++) { sum += partOf(fourAt(k, (ROWS + place.line) / 4), place.line % 4); }
  finishBias(column + place.line, split, sum);
}
