// Gradient of local response normalisation followed by maximum pooling, RUN vectors of four channels of a tile of STRIDE x STRIDE pixels at a time.
//
//   slope[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows (oy, ox) whose winning tap is this pixel
//   dx[n, iy, ix, c]    = slope[.., c] * scale[.., c]^-beta
//                       - 2 alpha beta / size * x[.., c] * sum of slope[.., i] * x[.., i] * scale[.., i]^-(beta + 1) over the channels i around c
//
// x, dx: [images, height, width, channels]; dy: [images, oh, ow, channels]; winners: one byte per channel, likewise;
// channels counts vectors of four. With
// POSITIVE, dx is 0 where x is not above 0. What lrn-max-pool-backward.wgsl says, but a window is read once for all pixels of the tile, and a pixel's slopes
// never leave registers. Reads and writes two images where two launches read and write four: for adapters that wait for memory. The software adapter, which
// does not, takes as long or a third longer than with two launches.

struct Dims {
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32,
  size: u32, k: f32, alpha: f32, beta: f32 // of the normalisation
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> winners: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const REACH: u32 = 2; //#param
const RUN: u32 = 2; //#param
const POSITIVE: bool = false; //#param
// Windows that hold a pixel of the tile, along one axis.
const REACHING: u32 = (SIZE - 1) / STRIDE + 1;
const WINDOWS: u32 = REACHING * REACHING;
const NO_TAP: u32 = 0xffffffff;

//#include "lib/split.wgsl"
//#include "lib/lrn-through.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, (dims.channels + RUN - 1) / RUN);
  let column = split(channel.whole, (dims.width + dims.pad + STRIDE - 1) / STRIDE);
  let row = split(column.whole, (dims.height + dims.pad + STRIDE - 1) / STRIDE);
  let first = channel.rest * RUN;
  let n = row.whole;

  var taps: array<array<u32, RUN + 2 * SIDE>, WINDOWS>;
  var slopes: array<array<vec4f, RUN + 2 * SIDE>, WINDOWS>;
  for (var w = 0u; w < WINDOWS; w++) {
    let oy = row.rest + w / REACHING - (REACHING - 1); // above the first it wraps, and is outside as well
    let ox = column.rest + w % REACHING - (REACHING - 1);
    for (var j = 0u; j < RUN + 2 * SIDE; j++) {
      let c = first + j - SIDE;
      let inside = oy < dims.oh && ox < dims.ow && c < dims.channels;
      let at = select(0, ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c, inside);
      taps[w][j] = select(NO_TAP, winners[at], inside);
      slopes[w][j] = dy[at];
    }
  }

  for (var p = 0u; p < STRIDE * STRIDE; p++) {
    let iy = row.rest * STRIDE + p / STRIDE - dims.pad;
    let ix = column.rest * STRIDE + p % STRIDE - dims.pad;
    if (iy >= dims.height || ix >= dims.width) { continue; }
    let pixel = ((n * dims.height + iy) * dims.width + ix) * dims.channels;

    var values: Values;
    for (var j = 0u; j < RUN + 2 * FAR; j++) {
      let c = first + j - FAR;
      let inside = c < dims.channels;
      let value = select(vec4f(), x[pixel + select(0, c, inside)], inside); // a load under a condition would be waited for by itself
      for (var lane = 0u; lane < 4; lane++) { values[4 * j + lane] = value[lane]; }
    }
    var through: Near;
    var direct: Near;
    for (var j = 0u; j < RUN + 2 * SIDE; j++) {
      var slope = vec4f();
      for (var w = 0u; w < WINDOWS; w++) {
        let tapRow = p / STRIDE + (REACHING - 1 - w / REACHING) * STRIDE;
        let tapColumn = p % STRIDE + (REACHING - 1 - w % REACHING) * STRIDE;
        if (tapRow < SIZE && tapColumn < SIZE) {
          let bytes = (vec4u(taps[w][j]) >> vec4u(0, 8, 16, 24)) & vec4u(0xff);
          slope += select(vec4f(), slopes[w][j], bytes == vec4u(tapRow * SIZE + tapColumn));
        }
      }
      passThrough(j, slope, &values, &through, &direct);
    }
    for (var j = 0u; j < RUN; j++) {
      var result = vec4f();
      for (var lane = 0u; lane < 4; lane++) {
        let at = 4 * (j + SIDE) + lane;
        let value = values[at + 4 * (FAR - SIDE)];
        var sum = 0.0;
        for (var tap = 0u; tap <= 2 * REACH; tap++) { sum += through[at + tap - REACH]; }
        let gradient = direct[at] - 2 * dims.alpha * dims.beta / f32(dims.size) * value * sum;
        result[lane] = select(gradient, 0, POSITIVE && value <= 0);
      }
      if (first + j < dims.channels) { dx[pixel + first + j] = result; }
    }
  }
}
