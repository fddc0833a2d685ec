// The largest magnitude of a tensor, slot by slot, written over what the slots held:
//
//   peaks[s] = max(peaks[s], |x[i]| for all i with i / 4 % SLOTS = s)
//
// x: any shape, count elements (or, as Vector = vec4f, fours of them); peaks: [SLOTS]. One workgroup a slot, which its lanes search side by side.

struct Dims { count: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> peaks: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<Vector>;

alias Vector = f32; //#param
const PER_VECTOR: u32 = 1; //#param
const SLOTS: u32 = 64; //#param
const LANES: u32 = 64; //#param

//#include "lib/over-lanes.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  const FOUR: u32 = 4 / PER_VECTOR;
  var largest = Vector();
  for (var first = (lane * SLOTS + group.x) * FOUR; first < dims.count; first += LANES * SLOTS * FOUR) {
    for (var i = first; i < min(first + FOUR, dims.count); i++) { largest = max(largest, abs(x[i])); }
  }
  let all = vec4f(largest);
  let found = maximumOverLanes(lane, max(max(all.x, all.y), max(all.z, all.w)));
  if (lane == 0) { peaks[group.x] = max(peaks[group.x], found); }
}
