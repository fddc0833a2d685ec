// Gradient of the maximum over windows, from the taps that max_pool_winners.wgsl found.
//
//   dx[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows (oy, ox) whose winning tap is this pixel
//
// dx: [images, height, width, channels]; dy: [images, oh, ow, channels]; winners: one byte a channel, likewise. One invocation four channels
// of a pixel; channels counts vectors of four. Both halves take 6 instead of 18 ms (3 x 3 windows with stride 1 on 4 x 28 x 28 x 192, software
// adapter).

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> winners: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const ADDEND: bool = false; //#param

//#include "lib/pool_window.wgsl"
//#include "lib/split.wgsl"

alias Vector = vec4f; // of the gate
//#slot gate
fn gated(gradient: Vector, _i: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let column = split(channel.whole, dims.width);
  let row = split(column.whole, dims.height);
  let c = channel.rest;
  let ix = column.rest;
  let iy = row.rest;
  let n = row.whole;

  let down = windowsOf(iy, dims.oh);
  let across = windowsOf(ix, dims.ow);
  var sum = vec4f(0);
  if (ADDEND) { sum = dx[i]; }
  for (var oy = down.first; oy < down.end; oy++) {
    for (var ox = across.first; ox < across.end; ox++) {
      let at = ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c;
      let tap = (iy + dims.pad - oy * STRIDE) * SIZE + ix + dims.pad - ox * STRIDE;
      let wins = ((vec4u(winners[at]) >> vec4u(0, 8, 16, 24)) & vec4u(0xff)) == vec4u(tap);
      if (any(wins)) { sum += select(vec4f(0), dy[at], wins); }
    }
  }
  dx[i] = gated(sum, i);
}
