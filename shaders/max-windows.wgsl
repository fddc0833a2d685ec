// Maximum over windows with extents, steps, padding and dilation by axis. Padding never wins.
//
//   y[n, oy, ox, c] = max over (r, t) of x[n, oy strideY + r dilationY - top, ox strideX + t dilationX - left, c] inside the image
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]. One invocation per output (or, as Vector = vec4f, four channels of one
// pixel: channels are then counted in Vectors).

struct Dims {
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32,
  kh: u32, kw: u32, strideY: u32, strideX: u32, dilationY: u32, dilationX: u32,
  top: u32, left: u32, bottom: u32, right: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

const LOWEST: f32 = -3.4028234663852886e38;
alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

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

  var best = Vector(LOWEST);
  for (var r = 0u; r < dims.kh; r++) {
    // A row above or left of the image is negative, hence huge as u32, hence outside.
    let iy = oy * dims.strideY + r * dims.dilationY - dims.top;
    if (iy >= dims.height) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let ix = ox * dims.strideX + t * dims.dilationX - dims.left;
      if (ix >= dims.width) { continue; }
      best = max(best, x[((n * dims.height + iy) * dims.width + ix) * dims.channels + c]);
    }
  }
  y[i] = best;
}
