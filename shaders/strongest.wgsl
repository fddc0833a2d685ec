// The largest value of every channel of every picture, and where it lies; of several equal ones the first.
//
//   best[p, c] = max over i of x[p, i, c]; place[p, c] = the least i for which x[p, i, c] is that
//
// Values that are not finite are passed over; where a channel has no other, place is the number of positions. x: [pictures, positions, channels]; best, place:
// [pictures, channels]. One invocation per picture and channel.

struct Dims { pictures: u32, positions: u32, channels: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> best: array<f32>;
@group(0) @binding(3) var<storage, read_write> place: array<u32>;

const WORKGROUP: u32 = 64; //#param

//#include "lib/finite.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
  let channel = invocation.x;
  let picture = invocation.y;
  if (channel >= dims.channels || picture >= dims.pictures) { return; }
  let first = picture * dims.positions * dims.channels + channel;
  var largest = 0.0;
  var found = dims.positions;
  for (var i = 0u; i < dims.positions; i++) {
    let value = x[first + i * dims.channels];
    if (isFinite(value) && (found == dims.positions || value > largest)) {
      largest = value;
      found = i;
    }
  }
  best[picture * dims.channels + channel] = largest;
  place[picture * dims.channels + channel] = found;
}
