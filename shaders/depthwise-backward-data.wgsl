// Gradient of a depthwise convolution with respect to its input, in gather form.
//
//   dx[n, iy, ix, c] = sum over (r, t) of dy[n, oy, ox, c] filters[r, t, c]
//                      where oy strideY + r dilationY - top = iy and ox strideX + t dilationX - left = ix have a solution inside dy
//
// dy: [images, oh, ow, channels]; filters: [kh, kw, channels]; dx: [images, height, width, channels]. One invocation per element of dx (or, as
// Vector = vec4f, four channels of one pixel: channels are then counted in Vectors).

struct Dims {
  //#include "lib/window-dims.wgsl"
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let at = placeOf(i, dims.height, dims.width);

  var sum = Vector();
  for (var r = 0u; r < dims.kh; r++) {
    let oy = windowRow(at.row, r);
    if (oy >= dims.oh) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let ox = windowColumn(at.column, t);
      if (ox >= dims.ow) { continue; }
      sum += dy[windowAt(at.n, oy, ox, at.c)] * filters[(r * dims.kw + t) * dims.channels + at.c];
    }
  }
  dx[i] = sum;
}
