// Softmax and logistic loss, row by row; sum.wgsl makes their mean.
//
//   losses[r] = -log(max(softmax(x)[r, labels[r]], FLT_MIN)), or NaN where the label is not a class or a score of the row is not finite
//
// x: [rows, classes]; labels, losses: [rows]. One workgroup per row; its LANES (one, in the textbook kernel) share the row's classes.

struct Dims {
  rows: u32, classes: u32,
  nan: u32, // the bits of a NaN: WGSL does not let a shader write one down
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

const LANES: u32 = 1; //#param
const LEAST: f32 = 1.1754943508222875e-38;

//#include "lib/softmax-row.wgsl"
//#include "lib/finite.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = group.y * groups.x + group.x;
  if (r >= dims.rows) { return; }
  let row = r * dims.classes;
  let softmax = softmaxRow(row, lane);
  var strange = 0.0; // scores that are not finite
  for (var c = lane; c < dims.classes; c += LANES) { strange += select(1.0, 0.0, isFinite(x[row + c])); }
  strange = sumOverLanes(lane, strange);

  if (lane == 0) {
    let label = labels[r];
    var loss = bitcast<f32>(dims.nan);
    if (label < dims.classes && strange == 0) { loss = -log(max(exp(x[row + label] - softmax.top) / softmax.total, LEAST)); }
    losses[r] = loss;
  }
}
