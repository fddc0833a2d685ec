// Gradient with respect to the filter, for gemm/gemm-matrix.wgsl. Rows are (r, t, c) as the filter lies, columns are outputs, k runs over output
// pixels, those of one chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-part-result.wgsl"
//#end
fn runStart() -> u32 { return 0; }

// Whether the gradient of the bias is made as well: the sum over all pixels of dy, by the tiles of the first rows.
const BIAS: bool = false; //#param

const A_ALONG_K = false;
const B_ALONG_K = false;

// For all fours of a: the tap, less the padding, and the channel.
var<private> tapRow: u32;
var<private> tapColumn: u32;
var<private> start: u32; // in fours
// By four of a: its output pixel.
var<private> n: array<u32, A_FOURS>;
var<private> oy: array<u32, A_FOURS>;
var<private> ox: array<u32, A_FOURS>;
var<private> aPixel: u32; // of the first
var<private> advance: vec3u; // of one step: ox, oy, n
// The first four of b.
var<private> bPixel: u32;
var<private> bAt: u32; // in fours

fn openTile(index: u32, row: u32, column: u32, first: u32) {
  let aPlace = placeOfA(index, 0);
  let element = min(row + aPlace.line, dims.rows - 4);
  start = (dims.xFirst + group * dims.channels + element % dims.channels) / 4;
  tapRow = element / dims.channels / dims.kw - dims.pad;
  tapColumn = element / dims.channels % dims.kw - dims.pad;
  aPixel = first + aPlace.k;
  for (var u = 0u; u < A_FOURS; u++) {
    let line = (aPixel + u) / dims.ow;
    n[u] = line / dims.oh;
    oy[u] = line % dims.oh;
    ox[u] = (aPixel + u) % dims.ow;
  }
  advance = vec3u(DEPTH % dims.ow, DEPTH / dims.ow % dims.oh, DEPTH / dims.ow / dims.oh);
  let bPlace = placeOfB(index, 0);
  bPixel = first + bPlace.k;
  bAt = bPixel * (dims.yStride / 4) + (dims.yFirst + group * dims.outputs + min(column + bPlace.line, dims.columns - 4)) / 4;
}

fn loadFours() {
  for (var u = 0u; u < A_FOURS; u++) {
    // Above or left of the image is negative, hence huge as u32, hence outside.
    let iy = oy[u] * dims.stride + tapRow;
    let ix = ox[u] * dims.stride + tapColumn;
    aInside[u] = iy < dims.height && ix < dims.width && aPixel + u < last;
    aLoaded[u] = x[select(0, ((n[u] * dims.height + iy) * dims.width + ix) * (dims.xStride / 4) + start, aInside[u])];
    ox[u] += advance.x;
    let nextLine = ox[u] >= dims.ow;
    ox[u] -= select(0, dims.ow, nextLine);
    oy[u] += advance.y + select(0u, 1u, nextLine);
    let nextImage = oy[u] >= dims.oh;
    oy[u] -= select(0, dims.oh, nextImage);
    n[u] += advance.z + select(0u, 1u, nextImage);
  }
  for (var u = 0u; u < B_FOURS; u++) {
    bInside[u] = bPixel + u < last;
    bLoaded[u] = dy[select(0, bAt + u * (dims.yStride / 4), bInside[u])];
  }
  aPixel += DEPTH;
  bPixel += DEPTH;
  bAt += DEPTH * (dims.yStride / 4);
}

// The bias's sums are of dy as it is, not of its rounded values.
var<private> biasSum: vec4f;
var<workgroup> biasParts: array<vec4f, INVOCATIONS>;

fn addToBias(four: vec4f) { biasSum += four; }

fn closeTile(index: u32, row: u32, column: u32, split: u32) {
  if (!BIAS || row > 0 || dims.biased == 0) { return; }
  biasParts[index] = biasSum;
  workgroupBarrier();
  // Invocations index, index + COLUMNS / 4, ... summed the same outputs.
  let c = column + 4 * index;
  if (index >= COLUMNS / 4 || c >= dims.columns) { return; }
  var sum = vec4f();
  for (var i = index; i < INVOCATIONS; i += COLUMNS / 4) { sum += biasParts[i]; }
  finishBias(c, split, sum);
}
