// Depthwise convolution: one filter for each channel.
//
//   y[n, oy, ox, c] = bias[c] + sum over (r, t) of x[n, oy strideY + r dilationY - top, ox strideX + t dilationX - left, c] filters[r, t, c]
//
// x: [images, height, width, channels]; filters: [kh, kw, channels]; y: [images, oh, ow, channels]. One invocation per output (or, as Vector =
// vec4f, four channels of one pixel: channels are then counted in Vectors).

struct Dims {
  //#include "lib/window-dims.wgsl"
  relu: u32, most: f32, // as lib/rectified.wgsl has them
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
@group(0) @binding(3) var<storage, read_write> y: array<Vector>;

//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<Vector>;
fn biasOf(channel: u32) -> Vector { return bias[channel]; }
//#end

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"
//#include "lib/rectified.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let at = placeOf(i, dims.oh, dims.ow);

  var sum = biasOf(at.c);
  for (var r = 0u; r < dims.kh; r++) {
    let iy = pixelRow(at.row, r);
    if (iy >= dims.height) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let ix = pixelColumn(at.column, t);
      if (ix >= dims.width) { continue; }
      sum += x[pixelAt(at.n, iy, ix, at.c)] * filters[(r * dims.kw + t) * dims.channels + at.c];
    }
  }
  y[i] = rectified(sum);
}
