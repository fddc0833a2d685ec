// Counts values in BINS intervals of equal width from the least to the largest one, and sums squares of what they differ from their mean by.
//
//   bins[b] += 1 where b = floor((x - least) / (largest - least) * BINS), of the largest value BINS - 1, where all are equal 0
//   squares[g] = sum of (x - mean)^2 over part g
//
// Elements and parts are those of moments.wgsl, which runs before and writes `parts`. Values that are not finite are passed over. x: any shape; parts:
// [GROUPS, 6]; bins: [BINS], 0 at first; squares: [GROUPS]. One workgroup per part.

struct Dims { count: u32, first: u32, inner: u32, outerStride: u32, innerStride: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> bins: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> squares: array<f32>;

const GROUPS: u32 = 64; //#param
const LANES: u32 = 64; //#param
const BINS: u32 = 64; //#param
const LARGEST: f32 = 3.4028234663852886e38;

var<workgroup> counts: array<atomic<u32>, BINS>;

//#include "lib/over-lanes.wgsl"
//#include "lib/finite.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Every lane for itself, because every barrier costs a compiler of processors time.
  var least = LARGEST;
  var largest = -LARGEST;
  var sum = 0.0;
  var others = 0.0;
  for (var g = 0u; g < GROUPS; g++) {
    least = min(least, parts[g * 6]);
    largest = max(largest, parts[g * 6 + 1]);
    sum += parts[g * 6 + 2];
    others += parts[g * 6 + 4] + parts[g * 6 + 5];
  }
  let mean = sum / max(f32(dims.count) - others, 1);
  // Halves, because the distance between the ends may be too large for a float.
  let width = largest / 2 - least / 2;

  var square = 0.0;
  for (var i = group.x * LANES + lane; i < dims.count; i += GROUPS * LANES) {
    let value = x[dims.first + i / dims.inner * dims.outerStride + i % dims.inner * dims.innerStride];
    if (isFinite(value)) {
      let share = select(0.0, (value / 2 - least / 2) / width, width > 0);
      atomicAdd(&counts[min(u32(share * f32(BINS)), BINS - 1)], 1);
      square += (value - mean) * (value - mean);
    }
  }
  square = sumOverLanes(lane, square);
  if (lane == 0) { squares[group.x] = square; }
  workgroupBarrier();
  for (var b = lane; b < BINS; b += LANES) {
    let count = atomicLoad(&counts[b]);
    if (count > 0) { atomicAdd(&bins[b], count); }
  }
}
