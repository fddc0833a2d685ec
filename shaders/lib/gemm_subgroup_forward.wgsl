// Forward pass of a convolution for gemm_subgroup.wgsl. Rows are output pixels, columns are outputs, k runs over channels, tap by tap.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]
//
// A lane loads VECTOR channels at once, of the pixel of its own row: register p holds rows p ROW_LANES to (p + 1) ROW_LANES - 1 over the
// lanes. Lanes beyond the rows of a tile (subgroups of 32) hold the channels after those.

//#include "lib/gemm_subgroup_columns.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Along>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> result: array<Vector>;
//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end
//#slot dropout
fn dropped(value: Vector, _at: u32) -> Vector { return value; }
//#end

const VECTOR: u32 = 2; //#param
alias Along = vec2f; //#param
const ROW_LANES: u32 = min(LANES, ROWS);
const DEPTH_LANES: u32 = LANES / ROW_LANES;
const REGISTERS: u32 = ROWS / ROW_LANES;
const DEPTH: u32 = DEPTH_LANES * VECTOR;
const RUN: u32 = ROW_LANES;

var<private> a: array<Along, REGISTERS>;
var<private> b: array<array<vec4f, COLUMNS>, DEPTH>;

// By register: where the window of its output pixel starts, and what the tap in work reads there.
var<private> image: array<u32, REGISTERS>;
var<private> top: array<u32, REGISTERS>;
var<private> left: array<u32, REGISTERS>;
var<private> inside: array<bool, REGISTERS>;
var<private> xAt: array<u32, REGISTERS>;
var<private> filterAt: u32;
var<private> r: u32;
var<private> t: u32;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let pixel = min(firstRow + p * ROW_LANES + lane % ROW_LANES, dims.rows - 1);
    image[p] = pixel / (dims.oh * dims.ow) * dims.height;
    // Above or left of the image is negative, hence huge as u32, hence outside.
    top[p] = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
    left[p] = pixel % dims.ow * dims.stride - dims.pad;
  }
  openColumns(firstColumn);
}

fn startOf(j: u32) -> vec4f {
  let output = group * dims.outputs + 4 * column[j];
  if (dims.accumulate == 1) { return vec4f(); }
  return vec4f(biasOf(output), biasOf(output + 1), biasOf(output + 2), biasOf(output + 3));
}

fn blockCount() -> u32 { return dims.kh * dims.kw; }
fn stepCount(block: u32, split: u32) -> u32 { return dims.channels / DEPTH; }

fn openBlock(tap: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let iy = top[p] + r;
    let ix = left[p] + t;
    inside[p] = iy < dims.height && ix < dims.width;
    let pixelAt = select(0, ((image[p] + iy) * dims.width + ix) * dims.xStride, inside[p]);
    xAt[p] = (pixelAt + dims.xFirst + group * dims.channels) / VECTOR + lane / ROW_LANES;
  }
  filterAt = (group * dims.kh * dims.kw + tap) * dims.channels * (dims.outputs / 4);
  t++;
  if (t == dims.kw) { t = 0; r++; }
}

fn load(step: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    a[p] = select(Along(), x[xAt[p] + step * DEPTH_LANES], inside[p]);
  }
  for (var k = 0u; k < DEPTH; k++) {
    for (var j = 0u; j < COLUMNS; j++) {
      b[k][j] = filters[filterAt + (step * DEPTH + k) * (dims.outputs / 4) + column[j]];
    }
  }
}

fn operand(run: u32, i: u32, k: u32) -> f32 { return subgroupShuffle(a[run][k % VECTOR], i + k / VECTOR * ROW_LANES); }

fn resultAt(row: u32, j: u32, split: u32) -> u32 {
  return (row * dims.yStride + dims.yFirst + group * dims.outputs) / 4 + column[j];
}

fn finish(at: u32, sum: vec4f) {
  var y = sum;
  if (dims.accumulate == 1) { y += result[at]; }
  result[at] = dropped(select(y, max(y, vec4f()), dims.relu == 1), at);
}

fn closeTile(firstRow: u32, split: u32) {}
