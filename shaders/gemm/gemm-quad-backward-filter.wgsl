// Gradient with respect to the filter, for gemm/gemm-quad.wgsl. Rows are channels of taps, columns are outputs, k runs over output pixels, those of one
// chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-quad-gradient.wgsl"
//#end

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
// Of the line of output pixels in work: its first pixel, and what the tap reads there, in pixels.
var<private> line: u32;
var<private> inside: bool;
var<private> xLine: u32;
var<private> biasSum: vec4f;

fn openTile(row: u32, column: u32, split: u32) {
  let four = min(row, dims.rows - 4) / 4;
  channel = (dims.xFirst + group * dims.channels) / 4 + four % (dims.channels / 4);
  let tap = four / (dims.channels / 4);
  tapRow = tap / dims.kw - dims.pad;
  tapColumn = tap % dims.kw - dims.pad;
  output = (dims.yFirst + group * dims.outputs) / 4 + column;
  first = split * dims.chunk;
  end = min(first + dims.chunk, dims.images * dims.oh * dims.ow);
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

// Lines that the chunk has a part of.
fn blockCount() -> u32 { return (end - 1) / dims.ow - first / dims.ow + 1; }
fn stepCount() -> u32 { return (dims.ow + DEPTH - 1) / DEPTH; }

fn openBlock(block: u32) {
  line = (first / dims.ow + block) * dims.ow;
  // Above or left of the image is negative, hence huge as u32, hence outside.
  let iy = line / dims.ow % dims.oh * dims.stride + tapRow;
  inside = iy < dims.height;
  xLine = select(0u, (line / (dims.oh * dims.ow) * dims.height + iy) * dims.width, inside);
}

fn isInChunk(ox: u32) -> bool { return ox < dims.ow && line + ox >= first && line + ox < end; }

fn channelsAt(ox: u32) -> vec4f {
  let ix = ox * dims.stride + tapColumn;
  let reached = inside && ix < dims.width && isInChunk(ox);
  return select(vec4f(), x[(xLine + select(0u, ix, reached)) * (dims.xStride / 4) + channel], reached);
}

fn outputsAt(ox: u32) -> vec4f {
  return select(vec4f(), dy[(line + min(ox, dims.ow - 1)) * (dims.yStride / 4) + output], isInChunk(ox));
}

fn loadA(step: u32) -> mat4x2f { return transpose(mat2x4f(channelsAt(2 * step), channelsAt(2 * step + 1))); }

fn loadB(step: u32) -> mat2x4f {
  let b = mat2x4f(outputsAt(2 * step), outputsAt(2 * step + 1));
  if (BIAS) { biasSum += b[0] + b[1]; }
  return b;
}

fn closeTile(firstRow: u32, column: u32, split: u32) {
  if (BIAS && firstRow == 0 && dims.biased == 1) { finishBias(column, split, biasSum); }
}
