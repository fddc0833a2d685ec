// Mean over windows of pixels. Padding counts in the divisor, what lies beyond the padding does not (Caffe).
//
//   y[n, oy, ox, c] = sum of x[n, iy, ix, c] over the window's pixels inside the image / area of the window inside the padded image
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]. One invocation per output (or, as Vector = vec4f, four channels of
// one pixel: channels are then counted in Vectors).

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param

//#include "lib/pool-window.wgsl"
//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let column = split(channel.whole, dims.ow);
  let row = split(column.whole, dims.oh);
  let c = channel.rest;
  let ox = column.rest;
  let oy = row.rest;
  let n = row.whole;

  let rows = pixelsOf(oy, dims.height);
  var sum = Vector(0);
  for (var iy = rows.first; iy < rows.end; iy++) {
    let line = (n * dims.height + iy) * dims.width;
    // A known number of loads that depend on no branch: a GPU waits once for all of a row.
    for (var column = 0u; column < SIZE; column++) {
      let ix = ox * STRIDE + column - dims.pad; // left of the image it wraps, and is outside as well
      let inside = ix < dims.width;
      sum += select(Vector(), x[(line + select(0, ix, inside)) * dims.channels + c], inside);
    }
  }
  y[i] = sum / f32(lengthOf(oy, dims.height) * lengthOf(ox, dims.width));
}
