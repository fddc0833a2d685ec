// Gradient with respect to the filter, for gemm/gemm-subgroup.wgsl. Rows are channels of taps, columns are outputs, k runs over output pixels,
// those of one chunk where the sum is split.
//
//   a[(r, t, c), pixel] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[pixel, m] = dy[n, oy, ox, m]

//#include "gemm/gemm-subgroup-columns.wgsl"

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
// What becomes of a sum.
//#slot finish
//#include "gemm/gemm-gradient-fours.wgsl"
//#end
fn fourOf(j: u32) -> u32 { return column[j]; }

//#include "gemm/gemm-subgroup-fours.wgsl"
// Whether the gradient of the bias is made as well: the sum over all pixels of dy, by the tiles of the first rows.
const BIAS: bool = false; //#param

// By register: the tap, less the padding, and where its channels lie in a pixel.
var<private> tapRow: array<u32, REGISTERS>;
var<private> tapColumn: array<u32, REGISTERS>;
var<private> channel: array<u32, REGISTERS>;
// The pixel at which the chunk starts, and the one that this lane loads next.
var<private> first: u32;
var<private> n: u32;
var<private> oy: u32;
var<private> ox: u32;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let row = min(firstRow / 4 + p * ROW_LANES + lane % ROW_LANES, dims.rows / 4 - 1);
    channel[p] = (dims.xFirst + group * dims.channels) / 4 + row % (dims.channels / 4);
    let tap = row / (dims.channels / 4);
    tapRow[p] = tap / dims.kw - dims.pad;
    tapColumn[p] = tap % dims.kw - dims.pad;
  }
  openColumns(firstColumn);
  first = split * dims.chunk;
  let mine = first + lane / ROW_LANES;
  n = mine / (dims.oh * dims.ow);
  oy = mine / dims.ow % dims.oh;
  ox = mine % dims.ow;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn pixels() -> u32 { return dims.images * dims.oh * dims.ow; }
fn blockCount() -> u32 { return 1; }
fn stepCount(block: u32, split: u32) -> u32 {
  let start = min(split * dims.chunk, pixels());
  return (min(start + dims.chunk, pixels()) - start + DEPTH - 1) / DEPTH;
}
fn openBlock(block: u32) {}

// DEPTH_LANES pixels on, without a division.
fn nextPixel() {
  ox += DEPTH_LANES % dims.ow;
  let nextRow = ox >= dims.ow;
  ox -= select(0, dims.ow, nextRow);
  oy += DEPTH_LANES / dims.ow % dims.oh + select(0u, 1u, nextRow);
  let nextImage = oy >= dims.oh;
  oy -= select(0, dims.oh, nextImage);
  n += DEPTH_LANES / (dims.ow * dims.oh) + select(0u, 1u, nextImage);
}

fn load(step: u32) {
  for (var q = 0u; q < PIXELS; q++) {
    for (var p = 0u; p < REGISTERS; p++) {
      // Above or left of the image is negative, hence huge as u32, hence outside.
      let iy = oy * dims.stride + tapRow[p];
      let ix = ox * dims.stride + tapColumn[p];
      let inside = iy < dims.height && ix < dims.width && n < dims.images;
      let at = select(0, ((n * dims.height + iy) * dims.width + ix) * (dims.xStride / 4), inside);
      a[q][p] = select(vec4f(), x[at + channel[p]], inside);
    }
    nextPixel();
  }
  for (var k = 0u; k < DEPTH; k++) {
    let wanted = first + step * DEPTH + k;
    let pixel = min(wanted, pixels() - 1);
    for (var j = 0u; j < COLUMNS; j++) {
      b[k][j] = dy[(pixel * dims.yStride + dims.yFirst + group * dims.outputs) / 4 + column[j]];
      if (BIAS) { biasSums[j] += select(vec4f(), b[k][j], wanted == pixel); }
    }
  }
}

fn closeTile(firstRow: u32, split: u32) {
  if (!BIAS || firstRow > 0 || rowGroup > 0 || dims.biased == 0) { return; }
  for (var j = 0u; j < COLUMNS; j++) {
    if (columnInside[j]) { finishBias(j, split, biasSums[j]); }
  }
}
