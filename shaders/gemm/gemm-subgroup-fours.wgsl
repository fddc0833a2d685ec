// How `a` lies in the registers of a pass of gemm/gemm-subgroup.wgsl whose rows are channels: a lane loads four of them at once, at one pixel. Register p holds
// rows 4 p ROW_LANES to 4 (p + 1) ROW_LANES - 1 over the lanes; lanes beyond the rows of a tile hold the pixels after that. A step takes PIXELS such loads, one
// after the other. The gradient of a bias is summed beside that of its filter.

const ROW_LANES: u32 = min(LANES, ROWS * ROW_GROUPS / 4);
const PIXELS: u32 = 1; //#param
const DEPTH_LANES: u32 = LANES / ROW_LANES;
const DEPTH: u32 = DEPTH_LANES * PIXELS;
const REGISTERS: u32 = ROWS * ROW_GROUPS / 4 / ROW_LANES;
const RUN: u32 = 4;
// Fours of rows that a row group has in a register.
const GROUP_FOURS: u32 = ROW_LANES / ROW_GROUPS;

var<private> a: array<array<vec4f, REGISTERS>, PIXELS>;
var<private> b: array<array<vec4f, COLUMNS>, DEPTH>;
var<private> biasSums: array<vec4f, COLUMNS>;

fn operand(run: u32, i: u32, k: u32) -> f32 {
  return subgroupShuffle(a[k / DEPTH_LANES][run / GROUP_FOURS][i], rowGroup * GROUP_FOURS + run % GROUP_FOURS + k % DEPTH_LANES * ROW_LANES);
}

fn rowOf(i: u32) -> u32 {
  let four = i / 4;
  return 4 * (four / GROUP_FOURS * ROW_LANES + rowGroup * GROUP_FOURS + four % GROUP_FOURS) + i % 4;
}
