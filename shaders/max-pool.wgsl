// Maximum over windows of pixels, clipped to the image: padding never wins.
//
//   y[n, oy, ox, c] = max over (iy, ix) of x[n, iy, ix, c],  iy from oy stride - pad to oy stride - pad + size - 1, ix likewise
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]. One invocation per output.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/pool-window.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let ox = i / dims.channels % dims.ow;
  let oy = i / (dims.channels * dims.ow) % dims.oh;
  let n = i / (dims.channels * dims.ow * dims.oh);

  let rows = pixelsOf(oy, dims.height);
  let columns = pixelsOf(ox, dims.width);
  var best = LOWEST;
  for (var iy = rows.first; iy < rows.end; iy++) {
    for (var ix = columns.first; ix < columns.end; ix++) {
      best = max(best, x[((n * dims.height + iy) * dims.width + ix) * dims.channels + c]);
    }
  }
  y[i] = best;
}
