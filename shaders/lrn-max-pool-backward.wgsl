// Gradient of local response normalisation followed by maximum pooling, recomputing scale.
//
//   slope[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows (oy, ox) whose winning tap is this pixel
//   dx[n, iy, ix, c]    = slope[.., c] * scale[.., c]^-beta
//                       - 2 alpha beta / size * x[.., c] * sum of slope[.., i] * x[.., i] * scale[.., i]^-(beta + 1) over the channels i around c
//
// x, dx: [images, height, width, channels]; dy: [images, oh, ow, channels]; winners: one byte per channel, likewise.
// With POSITIVE, dx is 0 where x is
// not above 0. One invocation per element of dx.

struct Dims {
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32,
  size: u32, k: f32, alpha: f32, beta: f32 // of the normalisation
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> winners: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const POSITIVE: bool = false; //#param

//#include "lib/pool-window.wgsl"
//#include "lib/lrn-scale.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = i % dims.channels;
  let pixel = i - channel;
  let ix = i / dims.channels % dims.width;
  let iy = i / (dims.channels * dims.width) % dims.height;
  let n = i / (dims.channels * dims.width * dims.height);

  let reach = dims.size / 2;
  var through = 0.0; // what reaches x through its neighbours' scales
  for (var c = max(channel, reach) - reach; c <= min(channel + reach, dims.channels - 1); c++) {
    through += slopeAt(n, iy, ix, c) * x[pixel + c] * pow(scaleAt(pixel, c), -dims.beta - 1);
  }
  let direct = slopeAt(n, iy, ix, channel) * pow(scaleAt(pixel, channel), -dims.beta);
  let gradient = direct - 2 * dims.alpha * dims.beta / f32(dims.size) * x[i] * through;
  dx[i] = select(gradient, 0, POSITIVE && x[i] <= 0);
}

fn slopeAt(n: u32, iy: u32, ix: u32, c: u32) -> f32 {
  let down = windowsOf(iy, dims.oh);
  let across = windowsOf(ix, dims.ow);
  var slope = 0.0;
  for (var oy = down.first; oy < down.end; oy++) {
    for (var ox = across.first; ox < across.end; ox++) {
      let at = ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c;
      let winner = (winners[at / 4] >> (8 * (c % 4))) & 0xff;
      let tap = (iy + dims.pad - oy * STRIDE) * SIZE + ix + dims.pad - ox * STRIDE;
      if (winner == tap) { slope += dy[at]; }
    }
  }
  return slope;
}
