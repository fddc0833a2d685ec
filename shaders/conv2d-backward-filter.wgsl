// Gradient of a 2-D convolution with respect to its filter: the sum over all output pixels, not their mean.
//
//   dfilter[g, r, t, c, m] = sum over (n, oy, ox) of x[n, oy stride - pad + r, ox stride - pad + t, g, c] * dy[n, oy, ox, g, m]
//
// x: [images, height, width, groups, channels]; dy: [images, oh, ow, groups, outputs]; dfilter: [groups, kh, kw, channels, outputs].
// One invocation per element of dfilter: the textbook kernel, and what the fast ones must equal.

struct Dims {
  images: u32, height: u32, width: u32, oh: u32, ow: u32,
  groups: u32, channels: u32, outputs: u32,
  kh: u32, kw: u32, stride: u32, pad: u32,
  xStride: u32, xFirst: u32, // elements from one pixel of x to the next, and the first of them: it may be some channels of a wider tensor
  yStride: u32, yFirst: u32, // the same of dy
  accumulate: u32, // 1: the sum goes on from what dfilter holds (further images of the same batch)
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dfilter: array<f32>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let m = i % dims.outputs;
  let c = i / dims.outputs % dims.channels;
  let tap = i / (dims.outputs * dims.channels);
  let t = tap % dims.kw;
  let r = tap / dims.kw % dims.kh;
  let g = tap / (dims.kw * dims.kh);
  if (g >= dims.groups) { return; }

  var sum = 0.0;
  if (dims.accumulate == 1) { sum = dfilter[i]; }
  for (var n = 0u; n < dims.images; n++) {
    for (var oy = 0u; oy < dims.oh; oy++) {
      // A row above or left of the image is negative, hence huge as u32, hence outside.
      let iy = oy * dims.stride + r - dims.pad;
      if (iy >= dims.height) { continue; }
      for (var ox = 0u; ox < dims.ow; ox++) {
        let ix = ox * dims.stride + t - dims.pad;
        if (ix >= dims.width) { continue; }
        let xAt = ((n * dims.height + iy) * dims.width + ix) * dims.xStride + dims.xFirst + g * dims.channels + c;
        let dyAt = ((n * dims.oh + oy) * dims.ow + ox) * dims.yStride + dims.yFirst + g * dims.outputs + m;
        sum += x[xAt] * dy[dyAt];
      }
    }
  }
  dfilter[i] = sum;
}
