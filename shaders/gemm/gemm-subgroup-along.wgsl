// How `a` lies in the registers of a pass of gemm/gemm-subgroup.wgsl whose rows are pixels: a lane loads VECTOR elements of k at once, of the pixel of its own
// row. Register p holds rows p ROW_LANES to (p + 1) ROW_LANES - 1 over the lanes; lanes beyond the rows of a tile (subgroups of 32) hold the elements
// of k after those.

const VECTOR: u32 = 2; //#param
alias Along = vec2f; //#param
const ROW_LANES: u32 = min(LANES, ROWS * ROW_GROUPS);
const DEPTH_LANES: u32 = LANES / ROW_LANES;
const REGISTERS: u32 = ROWS * ROW_GROUPS / ROW_LANES;
const DEPTH: u32 = DEPTH_LANES * VECTOR;
const RUN: u32 = ROW_LANES / ROW_GROUPS;

var<private> a: array<Along, REGISTERS>;
var<private> b: array<array<vec4f, COLUMNS>, DEPTH>;

fn operand(run: u32, i: u32, k: u32) -> f32 {
  return subgroupShuffle(a[run][k % VECTOR], rowGroup * RUN + i + k / VECTOR * ROW_LANES);
}

fn rowOf(i: u32) -> u32 { return i / RUN * ROW_LANES + rowGroup * RUN + i % RUN; }
