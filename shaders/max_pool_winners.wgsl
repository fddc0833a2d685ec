// Where each maximum lies: the first half of the fast gradient of maximum pooling.
//
//   winners[n, oy, ox, c] = tap of the first maximum of the window in scan order, counted row by row over the whole, unclipped window
//
// x: [images, height, width, channels]; winners: one byte a channel, [images, oh, ow, channels]. One invocation four channels of a window.
// channels counts vectors of four. Reading each pixel once a window here saves the gradient from reading windows again for every pixel.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, size: u32, stride: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> winners: array<u32>;

const WORKGROUP: u32 = 64; //#param
const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/pool_window.wgsl"

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
  var best = vec4f(LOWEST);
  var winner = vec4u(0);
  for (var iy = rows.first; iy < rows.end; iy++) {
    for (var ix = columns.first; ix < columns.end; ix++) {
      let value = x[((n * dims.height + iy) * dims.width + ix) * dims.channels + c];
      let tap = (iy + dims.pad - oy * dims.stride) * dims.size + ix + dims.pad - ox * dims.stride;
      winner = select(winner, vec4u(tap), value > best);
      best = max(best, value);
    }
  }
  winners[i] = dot(winner, vec4u(1, 1 << 8, 1 << 16, 1 << 24)); // four bytes
}
