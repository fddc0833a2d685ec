// Whether the true class is among the k best, row by row; sum.wgsl counts them.
//
//   hits[r] = 1 if at most k classes of row r score as much as labels[r] does or more (itself one of them), else 0
//
// x: [rows, classes]; labels, hits: [rows]. A label that is not a class is never hit, and neither is one in a row with a score that is not finite. One
// workgroup per row; its LANES (one, in the textbook kernel) share the row's classes.

struct Dims { rows: u32, classes: u32, k: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> hits: array<f32>;

const LANES: u32 = 1; //#param
// More than any k.
const NEVER: f32 = 1e10;

//#include "lib/over-lanes.wgsl"
//#include "lib/finite.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = group.y * groups.x + group.x;
  if (r >= dims.rows) { return; }
  let row = r * dims.classes;

  let isClass = labels[r] < dims.classes;
  let score = x[row + select(0, labels[r], isClass)];
  var rivals = 0.0;
  for (var c = lane; c < dims.classes; c += LANES) {
    let value = x[row + c];
    rivals += select(NEVER, select(0.0, 1.0, value >= score), isFinite(value));
  }
  rivals = sumOverLanes(lane, rivals);
  if (lane == 0) { hits[r] = select(0.0, 1.0, isClass && rivals <= f32(dims.k)); }
}
