// Gradient of local response normalisation, four channels at a time, recomputing scale instead of storing it.
//
//   dx[p, c] = dy[p, c] * scale[p, c]^-beta
//            - 2 alpha beta / size * x[p, c] * sum of dy[p, i] * x[p, i] * scale[p, i]^-(beta + 1) over the channels i around c
//
// x, dy, dx: [pixels, channels]; channels counts vectors of four. What lrn-backward.wgsl says, with one invocation RUN vectors of one pixel: it
// loads them and their neighbours once and works on registers; a power is taken once per channel, and scale^-beta = scale * scale^-(beta
// + 1):
// 3.1 instead of 38 ms (4 x 55 x 55 x 96, software adapter).

struct Dims { count: u32, channels: u32, size: u32, k: f32, alpha: f32, beta: f32, gated: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

const WORKGROUP: u32 = 64; //#param
const REACH: u32 = 2; //#param
const RUN: u32 = 4; //#param

//#include "lib/split.wgsl"
//#include "lib/lrn-through.wgsl"

alias Vector = vec4f; // of the gate
//#include "lib/relu-gate.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let run = split(i, (dims.channels + RUN - 1) / RUN);
  let first = run.rest * RUN;
  let row = run.whole * dims.channels;

  var values: Values;
  for (var j = 0u; j < RUN + 2 * FAR; j++) {
    let c = first + j - FAR; // left of the first channel it wraps, and is outside as well
    let inside = c < dims.channels;
    let value = select(vec4f(), x[row + select(0, c, inside)], inside); // a load under a condition would be waited for by itself
    for (var lane = 0u; lane < 4; lane++) { values[4 * j + lane] = value[lane]; }
  }
  var through: Near;
  var direct: Near;
  for (var j = 0u; j < RUN + 2 * SIDE; j++) {
    let c = first + j - SIDE;
    let inside = c < dims.channels;
    let slope = select(vec4f(), dy[row + select(0, c, inside)], inside);
    passThrough(j, slope, &values, &through, &direct);
  }
  for (var j = 0u; j < RUN; j++) {
    var result = vec4f(0);
    for (var lane = 0u; lane < 4; lane++) {
      let at = 4 * (j + SIDE) + lane;
      var sum = 0.0;
      for (var tap = 0u; tap <= 2 * REACH; tap++) { sum += through[at + tap - REACH]; }
      result[lane] = direct[at] - 2 * dims.alpha * dims.beta / f32(dims.size) * values[at + 4 * (FAR - SIDE)] * sum;
    }
    if (dims.gated == 1) { result = gated(result, row + first + j); }
    if (first + j < dims.channels) { dx[row + first + j] = result; }
  }
}
