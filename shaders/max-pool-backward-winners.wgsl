// Gradient of the maximum over windows, from where max-pool-winners.wgsl found the maxima.
//
//   dx[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows (oy, ox) whose winning tap is this pixel
//
// dx: [images, height, width, channels]; dy: [images, oh, ow, channels]; winners: one byte per channel, likewise.
// One invocation per element of dx.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> winners: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const ADDEND: bool = false; //#param

//#include "lib/pool-window.wgsl"

alias Vector = f32; // of the gate
//#slot gate
fn gated(gradient: Vector, _i: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let ix = i / dims.channels % dims.width;
  let iy = i / (dims.channels * dims.width) % dims.height;
  let n = i / (dims.channels * dims.width * dims.height);

  let down = windowsOf(iy, dims.oh);
  let across = windowsOf(ix, dims.ow);
  var sum = 0.0;
  if (ADDEND) { sum = dx[i]; }
  for (var oy = down.first; oy < down.end; oy++) {
    for (var ox = across.first; ox < across.end; ox++) {
      let at = ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c;
      let winner = (winners[at / 4] >> (8 * (c % 4))) & 0xff;
      let tap = (iy + dims.pad - oy * STRIDE) * SIZE + ix + dims.pad - ox * STRIDE;
      if (winner == tap) { sum += dy[at]; }
    }
  }
  dx[i] = gated(sum, i);
}
