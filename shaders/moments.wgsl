// What a histogram needs to know first: least and largest value, sum, and how many are 0, NaN and infinite, in GROUPS parts.
//
//   element i: x[first + i / inner * outerStride + i % inner * innerStride]; part g has the elements i with i / LANES % GROUPS = g
//   parts[g] = (least, largest, sum, zeros, NaN, infinite)
//
// Values that are not finite count as such and as nothing else. x: any shape; parts: [GROUPS, 6]. One workgroup per part.

struct Dims { count: u32, first: u32, inner: u32, outerStride: u32, innerStride: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;

const GROUPS: u32 = 64; //#param
const LANES: u32 = 64; //#param
const LARGEST: f32 = 3.4028234663852886e38;

//#include "lib/over-lanes.wgsl"
//#include "lib/finite.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var least = LARGEST;
  var largest = -LARGEST;
  var sum = 0.0;
  var zeros = 0.0;
  var nans = 0.0;
  var infinite = 0.0;
  for (var i = group.x * LANES + lane; i < dims.count; i += GROUPS * LANES) {
    let value = x[dims.first + i / dims.inner * dims.outerStride + i % dims.inner * dims.innerStride];
    if (isFinite(value)) {
      least = min(least, value);
      largest = max(largest, value);
      sum += value;
      zeros += select(0.0, 1.0, value == 0);
    } else if ((bitcast<u32>(value) & 0x007fffffu) != 0) {
      nans += 1;
    } else {
      infinite += 1;
    }
  }
  least = -maximumOverLanes(lane, -least);
  largest = maximumOverLanes(lane, largest);
  sum = sumOverLanes(lane, sum);
  zeros = sumOverLanes(lane, zeros);
  nans = sumOverLanes(lane, nans);
  infinite = sumOverLanes(lane, infinite);
  if (lane == 0) {
    let at = group.x * 6;
    parts[at] = least;
    parts[at + 1] = largest;
    parts[at + 2] = sum;
    parts[at + 3] = zeros;
    parts[at + 4] = nans;
    parts[at + 5] = infinite;
  }
}
