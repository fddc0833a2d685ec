// Maximum over windows of pixels, and where it lies if that is wanted, four channels of RUN neighbouring windows at a time.
//
//   y[n, oy, ox, c]       = max over (iy, ix) of x[n, iy, ix, c],  iy from oy stride - pad to oy stride - pad + size - 1, ix likewise
//   winners[n, oy, ox, c] = tap of that maximum: lib/max-pool-winner.wgsl
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]; channels counts vectors of four. Equals max-pool.wgsl, but each pixel
// of a row is read once for all windows of the run: 3 x 3 windows with stride 1 take 1.5 instead of 8 ms (4 x 28 x 28 x 192, software adapter).
// The maximum itself is left out where only its place is wanted.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
//#slot maximum
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
fn keepMaximum(at: u32, value: vec4f) { y[at] = value; }
//#end
//#slot winner
const WINNERS: bool = false;
fn keepWinner(_at: u32, _tap: vec4u, _value: vec4f) {}
//#end

const WORKGROUP: u32 = 64; //#param
const RUN: u32 = 4; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const COLUMNS: u32 = (RUN - 1) * STRIDE + SIZE;
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
  var tap: array<vec4u, RUN>;
  for (var o = 0u; o < RUN; o++) { best[o] = vec4f(LOWEST); }
  let rows = pixelsOf(oy, dims.height);
  for (var iy = rows.first; iy < rows.end; iy++) {
    let tapRow = (iy + dims.pad - oy * STRIDE) * SIZE;
    let line = (n * dims.height + iy) * dims.width;
    // All loads of a row come first and depend on no branch: a GPU waits once for all. Right of the image the last pixel is met again, which changes
    // no maximum; left of it only a window's first columns can be.
    var values: array<vec4f, COLUMNS>;
    for (var column = 0u; column < COLUMNS; column++) {
      let ix = first * STRIDE + column - dims.pad; // left of the image it wraps
      let value = x[(line + min(ix, dims.width - 1)) * dims.channels + c];
      values[column] = select(value, vec4f(LOWEST), column < SIZE - 1 && ix >= dims.width);
    }
    for (var column = 0u; column < COLUMNS; column++) {
      let value = values[column];
      for (var o = 0u; o < RUN; o++) {
        if (column >= o * STRIDE && column < o * STRIDE + SIZE) {
          if (WINNERS) { tap[o] = select(tap[o], vec4u(tapRow + column - o * STRIDE), value > best[o]); }
          best[o] = max(best[o], value);
        }
      }
    }
  }
  for (var o = 0u; o < RUN; o++) {
    if (first + o < dims.ow) {
      let at = ((n * dims.oh + oy) * dims.ow + first + o) * dims.channels + c;
      keepMaximum(at, best[o]);
      keepWinner(at, tap[o], best[o]);
    }
  }
}
