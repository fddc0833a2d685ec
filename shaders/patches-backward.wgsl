// Gradient of patches: every pixel gets the sum over the patches that hold it.
//
//   dx[n, iy, ix, g, c] = sum over (r, t) of dy[n, oy, ox, g, r, t, c]
//                         where oy strideY + r dilationY - top = iy and ox strideX + t dilationX - left = ix have a solution inside dy
//
// dx: [images, height, width, groups, channels]; dy: [images, oh, ow, groups, kh, kw, channels]; channels are those of one group. One invocation
// per element of dx (or, as Vector = vec4f, four channels: channels are then counted in Vectors).

struct Dims {
  //#include "lib/window-dims.wgsl"
  groups: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let group = split(channel.whole, dims.groups);
  let column = split(group.whole, dims.width);
  let row = split(column.whole, dims.height);

  var sum = Vector();
  for (var r = 0u; r < dims.kh; r++) {
    let oy = windowRow(row.rest, r);
    if (oy >= dims.oh) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let ox = windowColumn(column.rest, t);
      if (ox >= dims.ow) { continue; }
      let window = (((row.whole * dims.oh + oy) * dims.ow + ox) * dims.groups + group.rest) * dims.kh * dims.kw + r * dims.kw + t;
      sum += dy[window * dims.channels + channel.rest];
    }
  }
  dx[i] = sum;
}
