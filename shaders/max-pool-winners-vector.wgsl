// Maximum over windows of pixels, and where it lies, four channels of RUN neighbouring windows at a time.
//
//   y[n, oy, ox, c]       = max over (iy, ix) of x[n, iy, ix, c],  iy from oy stride - pad to oy stride - pad + size - 1, ix likewise
//   winners[n, oy, ox, c] = tap of the first maximum in scan order, counted row by row over the whole, unclipped window;
//                           255, which is none, where only positive maxima count and this is not
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]; winners: one byte per channel, likewise;
// channels counts vectors of four. Each
// pixel of a row is read once for all windows of the run. The maximum itself is left out where only the gradient is wanted.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> winners: array<u32>;
//#slot maximum
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
fn keepMaximum(at: u32, value: vec4f) { y[at] = value; }
//#end

const WORKGROUP: u32 = 64; //#param
const RUN: u32 = 4; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const POSITIVE: bool = false; //#param
const COLUMNS: u32 = (RUN - 1) * STRIDE + SIZE;
const NO_TAP: u32 = 255;
const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/pool-window.wgsl"
//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let run = split(channel.whole, (dims.ow + RUN - 1) / RUN);
  let row = split(run.whole, dims.oh);
  let c = channel.rest;
  let first = run.rest * RUN;
  let oy = row.rest;
  let n = row.whole;

  var best: array<vec4f, RUN>;
  var winner: array<vec4u, RUN>;
  for (var o = 0u; o < RUN; o++) { best[o] = vec4f(LOWEST); }
  let rows = pixelsOf(oy, dims.height);
  for (var iy = rows.first; iy < rows.end; iy++) {
    let tapRow = (iy + dims.pad - oy * STRIDE) * SIZE;
    for (var column = 0u; column < COLUMNS; column++) {
      let ix = first * STRIDE + column - dims.pad; // left of the image it wraps, and is outside as well
      if (ix >= dims.width) { continue; }
      let value = x[((n * dims.height + iy) * dims.width + ix) * dims.channels + c];
      for (var o = 0u; o < RUN; o++) {
        if (column >= o * STRIDE && column < o * STRIDE + SIZE) {
          winner[o] = select(winner[o], vec4u(tapRow + column - o * STRIDE), value > best[o]);
          best[o] = max(best[o], value);
        }
      }
    }
  }
  for (var o = 0u; o < RUN; o++) {
    if (first + o < dims.ow) {
      if (POSITIVE) { winner[o] = select(winner[o], vec4u(NO_TAP), best[o] <= vec4f()); }
      let at = ((n * dims.oh + oy) * dims.ow + first + o) * dims.channels + c;
      winners[at] = dot(winner[o], vec4u(1, 1 << 8, 1 << 16, 1 << 24));
      keepMaximum(at, best[o]);
    }
  }
}
