// Gradients of the three 1 x 1 filters of an inception module that share their input, and of their biases, with the step of gradient descent that takes
// them: a pass of gemm/gemm-subgroup.wgsl. Rows are channels, k runs over pixels, and the columns of the three lie one after the other; a tile of columns
// belongs to one of them.
//
//   dfilter[c, m] = sum over pixels of x[pixel, c] * d[pixel, m],  dbias[m] = sum over pixels of d[pixel, m];  then as sgd.wgsl says
//
// d: dy for the first, its part of dreduced for the others. A lane loads four channels of one pixel at once.
// parameters, momenta: the stretches of memory that hold filters and biases, and their momenta.

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> dreduced: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> momenta: array<vec4f>;
@group(0) @binding(6) var<storage, read> rate: array<f32>;

//#include "lib/sgd-step.wgsl"

//#include "gemm/gemm-subgroup-fours.wgsl"
//#include "lib/inception-columns.wgsl"

var<private> channel: array<u32, REGISTERS>;
// The branch that this tile belongs to: where a pixel of its gradient lies, in fours.
var<private> gradientStride: u32;
var<private> gradientFirst: u32;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    channel[p] = dims.xFirst / 4 + min(firstRow / 4 + p * ROW_LANES + lane % ROW_LANES, dims.rows / 4 - 1);
  }
  openBranch(firstColumn);
  gradientStride = select(dims.outputs1 + dims.outputs2, dims.yStride, branch == 0) / 4;
  gradientFirst = array(dims.yFirst, 0, dims.outputs1)[branch] / 4;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn pixels() -> u32 { return dims.images * dims.oh * dims.ow; }
fn blockCount() -> u32 { return 1; }
fn stepCount(block: u32, split: u32) -> u32 { return (pixels() + DEPTH - 1) / DEPTH; }
fn openBlock(block: u32) {}

fn load(step: u32) {
  for (var q = 0u; q < PIXELS; q++) {
    let own = step * DEPTH + q * DEPTH_LANES + lane / ROW_LANES;
    for (var p = 0u; p < REGISTERS; p++) {
      a[q][p] = select(vec4f(), x[min(own, pixels() - 1) * (dims.xStride / 4) + channel[p]], own < pixels());
    }
  }
  for (var k = 0u; k < DEPTH; k++) {
    let wanted = step * DEPTH + k;
    let pixel = min(wanted, pixels() - 1);
    for (var j = 0u; j < COLUMNS; j++) {
      let at = pixel * gradientStride + gradientFirst + column[j];
      if (branch == 0) { b[k][j] = dy[at]; } else { b[k][j] = dreduced[at]; }
      biasSums[j] += select(vec4f(), b[k][j], wanted == pixel);
    }
  }
}

fn resultAt(row: u32, j: u32, split: u32) -> u32 { return row * outputs + column[j]; }

fn finish(at: u32, gradient: vec4f) {
  let w = array(dims.filter0At, dims.filter1At, dims.filter2At)[branch] / 4 + at;
  let v = array(dims.filter0VAt, dims.filter1VAt, dims.filter2VAt)[branch] / 4 + at;
  let before = parameters[w];
  let next = nextMomentum(momenta[v], before, gradient, dims.rateMultiplier * rate[0], dims.decay * rate[1]);
  momenta[v] = next;
  parameters[w] = before - next;
}

fn closeTile(firstRow: u32, split: u32) {
  if (firstRow > 0 || rowGroup > 0) { return; }
  for (var j = 0u; j < COLUMNS; j++) {
    if (!columnInside[j]) { continue; }
    let w = array(dims.bias0At, dims.bias1At, dims.bias2At)[branch] / 4 + column[j];
    let v = array(dims.bias0VAt, dims.bias1VAt, dims.bias2VAt)[branch] / 4 + column[j];
    let before = parameters[w];
    let next = nextMomentum(momenta[v], before, biasSums[j], dims.biasRateMultiplier * rate[0], dims.biasDecay * rate[1]);
    momenta[v] = next;
    parameters[w] = before - next;
  }
}
