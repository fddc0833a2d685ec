// How `a` lies in the registers of a pass of gemm/gemm-subgroup.wgsl whose rows are channels: a lane loads four of them at once, at one pixel. Register p holds
// rows 4 p ROW_LANES to 4 (p + 1) ROW_LANES - 1 over the lanes; lanes beyond the rows of a tile hold the pixels after that. The gradient of a bias is
// summed beside that of its filter.

const ROW_LANES: u32 = min(LANES, ROWS / 4);
const DEPTH: u32 = LANES / ROW_LANES;
const REGISTERS: u32 = ROWS / 4 / ROW_LANES;
const RUN: u32 = 4;

var<private> a: array<vec4f, REGISTERS>;
var<private> b: array<array<vec4f, COLUMNS>, DEPTH>;
var<private> biasSums: array<vec4f, COLUMNS>;

fn operand(run: u32, i: u32, k: u32) -> f32 { return subgroupShuffle(a[run / ROW_LANES][i], run % ROW_LANES + k * ROW_LANES); }
