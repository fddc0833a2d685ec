// Gradient with respect to the filter, for gemm/gemm-quad.wgsl. Rows are channels of taps, columns are outputs, k runs over output pixels, those of one
// chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-gradient-fours.wgsl"
//#end
fn fourOf(column: u32) -> u32 { return column; }

// Whether the gradient of the bias is made as well: the sum over all pixels of dy, by the tiles of the first rows.
const BIAS: bool = false; //#param

// The tap of this lane's rows, less the padding, and where its channels lie in a pixel of x and its columns in one of dy, in fours.
var<private> tapRow: u32;
var<private> tapColumn: u32;
var<private> channel: u32;
var<private> output: u32;
// The first pixel of the chunk, and the one after its last.
var<private> first: u32;
var<private> end: u32;
// The first of the two pixels in work, and the first of its line.
var<private> n: u32;
var<private> oy: u32;
var<private> ox: u32;
var<private> line: u32;
var<private> biasSum: vec4f;

fn openTile(row: u32, column: u32, split: u32) {
  let four = min(row, dims.rows - 4) / 4;
  channel = (dims.xFirst + group * dims.channels) / 4 + four % (dims.channels / 4);
  let tap = four / (dims.channels / 4);
  tapRow = tap / dims.kw - dims.pad;
  tapColumn = tap % dims.kw - dims.pad;
  output = (dims.yFirst + group * dims.outputs) / 4 + column;
  first = split * dims.chunk;
  end = endOf(split);
  n = first / (dims.oh * dims.ow);
  oy = first / dims.ow % dims.oh;
  line = first / dims.ow * dims.ow;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn endOf(split: u32) -> u32 { return min((split + 1) * dims.chunk, dims.images * dims.oh * dims.ow); }

// By lines of pixels that the chunk has a part of.
fn stepCount(split: u32) -> u32 {
  let lines = (endOf(split) - 1) / dims.ow - split * dims.chunk / dims.ow + 1;
  return lines * ((dims.ow + DEPTH - 1) / DEPTH);
}

fn isInChunk(column: u32) -> bool { return column < dims.ow && line + column >= first && line + column < end; }

fn channelsAt(column: u32) -> vec4f {
  // Above or left of the image is negative, hence huge as u32, hence outside.
  let iy = oy * dims.stride + tapRow;
  let ix = column * dims.stride + tapColumn;
  let inside = iy < dims.height && ix < dims.width && isInChunk(column);
  let pixelAt = select(0u, ((n * dims.height + iy) * dims.width + ix) * (dims.xStride / 4), inside);
  return select(vec4f(), x[pixelAt + channel], inside);
}

fn outputsAt(column: u32) -> vec4f {
  return select(vec4f(), dy[(line + min(column, dims.ow - 1)) * (dims.yStride / 4) + output], isInChunk(column));
}

fn loadA() -> mat4x2f { return transpose(mat2x4f(channelsAt(ox), channelsAt(ox + 1))); }

fn loadB() -> mat2x4f {
  let b = mat2x4f(outputsAt(ox), outputsAt(ox + 1));
  if (BIAS) { biasSum += b[0] + b[1]; }
  return b;
}

fn next() {
  ox += DEPTH;
  let isLineDone = ox >= dims.ow;
  ox = select(ox, 0u, isLineDone);
  oy += select(0u, 1u, isLineDone);
  line += select(0u, dims.ow, isLineDone);
  let isImageDone = oy == dims.oh;
  oy = select(oy, 0u, isImageDone);
  n += select(0u, 1u, isImageDone);
}

fn closeTile(firstRow: u32, column: u32, split: u32) {
  if (BIAS && firstRow == 0 && dims.biased == 1) { finishBias(column, split, biasSum); }
}
