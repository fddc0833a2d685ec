// The pixels under every window side by side, group by group.
//
//   y[n, oy, ox, g, r, t, c] = x[n, oy strideY + r dilationY - top, ox strideX + t dilationX - left, g, c], 0 outside the image
//
// x: [images, height, width, groups, channels]; y: [images, oh, ow, groups, kh, kw, channels]; channels are those of one group. One invocation
// per element of y (or, as Vector = vec4f, four channels: channels are then counted in Vectors).

struct Dims {
  //#include "lib/window-dims.wgsl"
  groups: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let tapX = split(channel.whole, dims.kw);
  let tapY = split(tapX.whole, dims.kh);
  let group = split(tapY.whole, dims.groups);
  let column = split(group.whole, dims.ow);
  let row = split(column.whole, dims.oh);

  let iy = pixelRow(row.rest, tapY.rest);
  let ix = pixelColumn(column.rest, tapX.rest);
  var value = Vector();
  if (iy < dims.height && ix < dims.width) {
    value = x[(((row.whole * dims.height + iy) * dims.width + ix) * dims.groups + group.rest) * dims.channels + channel.rest];
  }
  y[i] = value;
}
