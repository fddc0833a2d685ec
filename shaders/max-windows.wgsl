// Maximum over windows with extents, steps, padding and dilation by axis. Padding never wins.
//
//   y[n, oy, ox, c] = max over (r, t) of x[n, oy strideY + r dilationY - top, ox strideX + t dilationX - left, c] inside the image
//
// x: [images, height, width, channels]; y: [images, oh, ow, channels]. One invocation per output (or, as Vector = vec4f, four channels of one
// pixel: channels are then counted in Vectors).

struct Dims {
  //#include "lib/window-dims.wgsl"
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

const LOWEST: f32 = -3.4028234663852886e38;
alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let at = placeOf(i, dims.oh, dims.ow);

  var best = Vector(LOWEST);
  for (var r = 0u; r < dims.kh; r++) {
    let iy = pixelRow(at.row, r);
    if (iy >= dims.height) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let ix = pixelColumn(at.column, t);
      if (ix >= dims.width) { continue; }
      best = max(best, x[pixelAt(at.n, iy, ix, at.c)]);
    }
  }
  y[i] = best;
}
