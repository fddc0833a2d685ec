// Local response normalisation across channels, then the maximum over windows of pixels, and where it lies: RUN vectors of four channels of WINDOWS
// neighbouring windows at a time.
//
//   scale[n, iy, ix, c]   = k + alpha / size * sum of x[n, iy, ix, i]^2 over the `size` channels i around c
//   normed[n, iy, ix, c]  = x[n, iy, ix, c] * scale[n, iy, ix, c]^-beta
//   y[n, oy, ox, c]       = max over (iy, ix) of normed[n, iy, ix, c],  iy from oy STRIDE - pad to oy STRIDE - pad + SIZE - 1, ix likewise
//   winners[n, oy, ox, c] = tap of the first maximum in scan order, counted row by row over the whole, unclipped window
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]; winners: one byte per channel, likewise;
// channels counts vectors of four. What
// lrn-max-pool.wgsl says, but a pixel is loaded and normalised once for all windows of the run that hold it, and never stored: 0.6 to 0.8 of what two
// launches take (4 x 55 x 55 x 96 to 4 x 56 x 56 x 192, software adapter).

struct Dims {
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32,
  size: u32, k: f32, alpha: f32, beta: f32 // of the normalisation
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> winners: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const REACH: u32 = 2; //#param
const RUN: u32 = 2; //#param
const WINDOWS: u32 = 4; //#param
const COLUMNS: u32 = (WINDOWS - 1) * STRIDE + SIZE;
// Vectors on either side that hold the neighbours.
const SIDE: u32 = (REACH + 3) / 4;
const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/pool-window.wgsl"
//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, (dims.channels + RUN - 1) / RUN);
  let run = split(channel.whole, (dims.ow + WINDOWS - 1) / WINDOWS);
  let row = split(run.whole, dims.oh);
  let c = channel.rest * RUN;
  let first = run.rest * WINDOWS;
  let oy = row.rest;
  let n = row.whole;

  var best: array<array<vec4f, RUN>, WINDOWS>;
  var winner: array<array<vec4u, RUN>, WINDOWS>;
  for (var o = 0u; o < WINDOWS; o++) {
    for (var j = 0u; j < RUN; j++) { best[o][j] = vec4f(LOWEST); }
  }
  let rows = pixelsOf(oy, dims.height);
  for (var iy = rows.first; iy < rows.end; iy++) {
    let tapRow = (iy + dims.pad - oy * STRIDE) * SIZE;
    for (var column = 0u; column < COLUMNS; column++) {
      let ix = first * STRIDE + column - dims.pad; // left of the image it wraps, and is outside as well
      if (ix >= dims.width) { continue; }
      let normed = normalised(((n * dims.height + iy) * dims.width + ix) * dims.channels, c);
      for (var o = 0u; o < WINDOWS; o++) {
        if (column >= o * STRIDE && column < o * STRIDE + SIZE) {
          for (var j = 0u; j < RUN; j++) {
            winner[o][j] = select(winner[o][j], vec4u(tapRow + column - o * STRIDE), normed[j] > best[o][j]);
            best[o][j] = max(best[o][j], normed[j]);
          }
        }
      }
    }
  }
  for (var o = 0u; o < WINDOWS; o++) {
    for (var j = 0u; j < RUN; j++) {
      if (first + o < dims.ow && c + j < dims.channels) {
        let at = ((n * dims.oh + oy) * dims.ow + first + o) * dims.channels + c + j;
        winners[at] = dot(winner[o][j], vec4u(1, 1 << 8, 1 << 16, 1 << 24));
        y[at] = best[o][j];
      }
    }
  }
}

// RUN vectors of a pixel, from c on, normalised.
fn normalised(pixel: u32, c: u32) -> array<vec4f, RUN> {
  var values: array<vec4f, RUN + 2 * SIDE>;
  var squares: array<f32, 4 * (RUN + 2 * SIDE)>;
  for (var j = 0u; j < RUN + 2 * SIDE; j++) {
    let at = c + j - SIDE; // left of the first channel it wraps, and is outside as well
    let inside = at < dims.channels;
    values[j] = select(vec4f(), x[pixel + select(0, at, inside)], inside); // a load under a condition would be waited for by itself
    for (var lane = 0u; lane < 4; lane++) { squares[4 * j + lane] = values[j][lane] * values[j][lane]; }
  }
  var normed: array<vec4f, RUN>;
  for (var j = 0u; j < RUN; j++) {
    var sums = vec4f();
    for (var lane = 0u; lane < 4; lane++) {
      for (var tap = 0u; tap <= 2 * REACH; tap++) { sums[lane] += squares[4 * (j + SIDE) + lane + tap - REACH]; }
    }
    normed[j] = values[j + SIDE] * pow(dims.k + dims.alpha / f32(dims.size) * sums, vec4f(-dims.beta));
  }
  return normed;
}
