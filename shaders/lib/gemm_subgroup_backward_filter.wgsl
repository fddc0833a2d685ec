//#include "lib/gemm_subgroup_columns.wgsl"
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;

const UNROLL: u32 = 1; //#param
const ROW_LANES: u32 = min(LANES, ROWS / 4);
const DEPTH_LANES: u32 = LANES / ROW_LANES;
const REGISTERS: u32 = ROWS / 4 / ROW_LANES;
const DEPTH: u32 = DEPTH_LANES * UNROLL;

var<private> a: array<array<vec4f, REGISTERS>, UNROLL>;
var<private> b: array<array<vec4f, COLUMNS>, DEPTH>;

var<private> tapRow: array<u32, REGISTERS>;
var<private> tapColumn: array<u32, REGISTERS>;
var<private> channel: array<u32, REGISTERS>;
var<private> pixel: u32;
var<private> n: u32;
var<private> oy: u32;
var<private> ox: u32;

fn openTile(firstRow: u32, firstColumn: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let row = min(firstRow / 4 + p * ROW_LANES + lane % ROW_LANES, dims.rows / 4 - 1);
    channel[p] = (dims.xFirst + group * dims.channels) / 4 + row % (dims.channels / 4);
    let tap = row / (dims.channels / 4);
    tapRow[p] = tap / dims.kw - dims.pad;
    tapColumn[p] = tap % dims.kw - dims.pad;
  }
  openColumns(firstColumn);
  pixel = split * dims.chunk;
  let mine = pixel + lane / ROW_LANES;
  n = mine / (dims.oh * dims.ow);
  oy = mine / dims.ow % dims.oh;
  ox = mine % dims.ow;
}
fn startOf(j: u32) -> vec4f { return vec4f(); }
fn blockCount() -> u32 { return 1; }
fn openBlock(block: u32) {}
fn stepCount(split: u32) -> u32 { return (min(dims.chunk, dims.images * dims.oh * dims.ow - split * dims.chunk) + DEPTH - 1) / DEPTH; }
fn load(step: u32) {
  for (var u = 0u; u < UNROLL; u++) {
    for (var p = 0u; p < REGISTERS; p++) {
      let iy = oy * dims.stride + tapRow[p];
      let ix = ox * dims.stride + tapColumn[p];
      let inside = iy < dims.height && ix < dims.width && n < dims.images;
      let at = select(0, ((n * dims.height + iy) * dims.width + ix) * (dims.xStride / 4), inside);
      a[u][p] = select(vec4f(), x[at + channel[p]], inside);
    }
    ox += DEPTH_LANES % dims.ow;
    let nextRow = ox >= dims.ow;
    ox -= select(0, dims.ow, nextRow);
    oy += DEPTH_LANES / dims.ow % dims.oh + select(0u, 1u, nextRow);
    let nextImage = oy >= dims.oh;
    oy -= select(0, dims.oh, nextImage);
    n += DEPTH_LANES / (dims.ow * dims.oh) + select(0u, 1u, nextImage);
  }
  for (var k = 0u; k < DEPTH; k++) {
    for (var j = 0u; j < COLUMNS; j++) {
      let at = min(pixel + step * DEPTH + k, dims.images * dims.oh * dims.ow - 1);
      b[k][j] = dy[(at * dims.yStride + dims.yFirst + group * dims.outputs) / 4 + column[j]];
    }
  }
}
fn operand(four: u32, one: u32, k: u32) -> f32 {
  return subgroupShuffle(a[k / DEPTH_LANES][four / ROW_LANES][one], four % ROW_LANES + k % DEPTH_LANES * ROW_LANES);
}
fn resultAt(row: u32, j: u32) -> u32 { return (((split * dims.groups + group) * dims.rows + row) * dims.outputs) / 4 + column[j]; }
