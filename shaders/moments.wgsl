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

// One tree for all, because every barrier costs a compiler of processors time.
var<workgroup> ends: array<vec2f, LANES>;
var<workgroup> sums: array<vec4f, LANES>;

//#include "lib/finite.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var end = vec2f(LARGEST, -LARGEST);
  var sum = vec4f();
  for (var i = group.x * LANES + lane; i < dims.count; i += GROUPS * LANES) {
    let value = x[dims.first + i / dims.inner * dims.outerStride + i % dims.inner * dims.innerStride];
    if (isFinite(value)) {
      end = vec2f(min(end.x, value), max(end.y, value));
      sum += vec4f(value, select(0.0, 1.0, value == 0), 0, 0);
    } else {
      let isNan = (bitcast<u32>(value) & 0x007fffffu) != 0;
      sum += select(vec4f(0, 0, 0, 1), vec4f(0, 0, 1, 0), isNan);
    }
  }
  ends[lane] = end;
  sums[lane] = sum;
  for (var half = LANES / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (lane < half) {
      let other = ends[lane + half];
      ends[lane] = vec2f(min(ends[lane].x, other.x), max(ends[lane].y, other.y));
      sums[lane] += sums[lane + half];
    }
  }
  if (lane == 0) {
    let at = group.x * 6;
    parts[at] = ends[0].x;
    parts[at + 1] = ends[0].y;
    for (var k = 0u; k < 4; k++) { parts[at + 2 + k] = sums[0][k]; }
  }
}
