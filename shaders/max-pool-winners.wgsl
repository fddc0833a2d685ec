// Maximum over windows of pixels, and where it lies.
//
//   y[n, oy, ox, c]       = max over (iy, ix) of x[n, iy, ix, c],  iy from oy stride - pad to oy stride - pad + size - 1, ix likewise
//   winners[n, oy, ox, c] = tap of the first maximum in scan order, counted row by row over the whole, unclipped window;
//                           255, which is none, where only positive maxima count and this is not
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]; winners: one byte per channel, likewise.
// One invocation per word of winners:
// four channels of a window.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> winners: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const POSITIVE: bool = false; //#param
const NO_TAP: u32 = 255;
const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/pool-window.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let words = dims.channels / 4;
  let ox = i / words % dims.ow;
  let oy = i / (words * dims.ow) % dims.oh;
  let n = i / (words * dims.ow * dims.oh);

  let rows = pixelsOf(oy, dims.height);
  let columns = pixelsOf(ox, dims.width);
  var word = 0u;
  for (var lane = 0u; lane < 4; lane++) {
    let c = i % words * 4 + lane;
    var best = LOWEST;
    var winner = 0u;
    for (var iy = rows.first; iy < rows.end; iy++) {
      for (var ix = columns.first; ix < columns.end; ix++) {
        let value = x[((n * dims.height + iy) * dims.width + ix) * dims.channels + c];
        if (value > best) {
          best = value;
          winner = (iy + dims.pad - oy * STRIDE) * SIZE + ix + dims.pad - ox * STRIDE;
        }
      }
    }
    if (POSITIVE && best <= 0) { winner = NO_TAP; }
    y[4 * i + lane] = best;
    word |= winner << (8 * lane);
  }
  winners[i] = word;
}
