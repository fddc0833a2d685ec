// Maximum over windows of pixels, and where it lies if that is wanted, four channels of one window at a time.
//
//   y[n, oy, ox, c]       = max over (iy, ix) of x[n, iy, ix, c],  iy from oy stride - pad to oy stride - pad + size - 1, ix likewise
//   winners[n, oy, ox, c] = tap of that maximum: lib/max-pool-winner.wgsl
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]; channels counts vectors of four. What max-pool-vector.wgsl says, without its arrays:
// adapters of four lanes keep in memory what a variable indexes: 12 pools took 23 instead of 54 to 130 ms so (bench/notes.md).

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
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/pool-window.wgsl"
//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let column = split(channel.whole, dims.ow);
  let row = split(column.whole, dims.oh);
  let oy = row.rest;
  let ox = column.rest;

  var best = vec4f(LOWEST);
  var tap = vec4u();
  let rows = pixelsOf(oy, dims.height);
  let columns = pixelsOf(ox, dims.width);
  for (var iy = rows.first; iy < rows.end; iy++) {
    let line = (row.whole * dims.height + iy) * dims.width;
    let tapRow = (iy + dims.pad - oy * STRIDE) * SIZE + dims.pad - ox * STRIDE;
    for (var ix = columns.first; ix < columns.end; ix++) {
      let value = x[(line + ix) * dims.channels + channel.rest];
      if (WINNERS) { tap = select(tap, vec4u(tapRow + ix), value > best); }
      best = max(best, value);
    }
  }
  keepMaximum(i, best);
  keepWinner(i, tap, best);
}
