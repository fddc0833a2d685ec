// Gradient of the mean over windows.
//
//   dx[n, iy, ix, c] = sum over the windows (oy, ox) that hold the pixel of dy[n, oy, ox, c] / area of the window inside the padded image
//
// dx: [images, height, width, channels]; dy: [images, oh, ow, channels]. One invocation per element of dx (or, as Vector = vec4f, four
// channels of one pixel: channels are then counted in Vectors).

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const ADDEND: bool = false; //#param

//#include "lib/pool-window.wgsl"
//#include "lib/split.wgsl"

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
  var sum = Vector(0);
  if (ADDEND) { sum = dx[i]; }
  for (var oy = down.first; oy < down.end; oy++) {
    for (var ox = across.first; ox < across.end; ox++) {
      let area = lengthOf(oy, dims.height) * lengthOf(ox, dims.width);
      sum += dy[((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c] / f32(area);
    }
  }
  dx[i] = gated(sum, i);
}
