//#include "lib/gemm_subgroup_columns.wgsl"
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;

const VECTOR: u32 = 2; //#param
alias Vector = vec2f; //#param
const UNIT_STRIDE: bool = true; //#param
const ROW_LANES: u32 = min(LANES, ROWS);
const DEPTH_LANES: u32 = LANES / ROW_LANES;
const REGISTERS: u32 = ROWS / ROW_LANES;
const DEPTH: u32 = DEPTH_LANES * VECTOR;

var<private> a: array<Vector, REGISTERS>;
var<private> b: array<array<vec4f, COLUMNS>, DEPTH>;

var<private> image: array<u32, REGISTERS>;
var<private> bottom: array<u32, REGISTERS>;
var<private> right: array<u32, REGISTERS>;
var<private> inside: array<bool, REGISTERS>;
var<private> dyAt: array<u32, REGISTERS>;
var<private> filterAt: array<array<u32, 4>, COLUMNS>;
var<private> r: u32;
var<private> t: u32;

fn openTile(firstRow: u32, firstColumn: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let pixel = min(firstRow + p * ROW_LANES + lane % ROW_LANES, dims.rows - 1);
    image[p] = pixel / (dims.height * dims.width) * dims.oh;
    bottom[p] = pixel / dims.width % dims.height + dims.pad;
    right[p] = pixel % dims.width + dims.pad;
  }
  openColumns(firstColumn);
}
fn startOf(j: u32) -> vec4f { return vec4f(); }
fn blockCount() -> u32 { return dims.kh * dims.kw; }
fn unstride(along: u32) -> u32 {
  if (UNIT_STRIDE) { return along; }
  return select(0xffffffff, along / dims.stride, along % dims.stride == 0);
}
fn openBlock(tap: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let oy = unstride(bottom[p] - r);
    let ox = unstride(right[p] - t);
    inside[p] = oy < dims.oh && ox < dims.ow;
    dyAt[p] = select(0, ((image[p] + oy) * dims.ow + ox) * dims.yStride, inside[p]) + dims.yFirst + group * dims.outputs;
    dyAt[p] = dyAt[p] / VECTOR + lane / ROW_LANES;
  }
  for (var j = 0u; j < COLUMNS; j++) {
    for (var e = 0u; e < 4; e++) {
      filterAt[j][e] = ((group * dims.kh * dims.kw + tap) * dims.channels + 4 * column[j] + e) * (dims.outputs / VECTOR);
    }
  }
  t++;
  if (t == dims.kw) { t = 0; r++; }
}
fn load(step: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    a[p] = select(Vector(), dy[dyAt[p] + step * DEPTH_LANES], inside[p]);
  }
  for (var d = 0u; d < DEPTH_LANES; d++) {
    for (var j = 0u; j < COLUMNS; j++) {
      for (var e = 0u; e < 4; e++) {
        let along = filters[filterAt[j][e] + step * DEPTH_LANES + d];
        for (var k = 0u; k < VECTOR; k++) { b[d * VECTOR + k][j][e] = along[k]; }
      }
    }
  }
}
fn operand(four: u32, one: u32, k: u32) -> f32 {
  let i = 4 * four + one;
  return subgroupShuffle(a[i / ROW_LANES][k % VECTOR], i % ROW_LANES + k / VECTOR * ROW_LANES);
}
fn resultAt(row: u32, j: u32) -> u32 { return (row * dims.xStride + dims.xFirst + group * dims.channels) / 4 + column[j]; }
fn stepCount(split: u32) -> u32 { return dims.outputs / DEPTH; }
