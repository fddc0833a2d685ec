// 2-D convolution with stride, zero padding and groups.
//
//   y[n, oy, ox, g, m] = bias[g, m] + sum over (r, t, c) of x[n, oy stride - pad + r, ox stride - pad + t, g, c] * filters[g, r, t, c, m]
//
// x: [images, height, width, groups, channels]; filters: [groups, kh, kw, channels, outputs]; y: [images, oh, ow, groups, outputs];
// channels and outputs are those of one group. One invocation per output: the textbook kernel, and what the fast ones must equal.

struct Dims {
  images: u32, height: u32, width: u32, oh: u32, ow: u32,
  groups: u32, channels: u32, outputs: u32,
  kh: u32, kw: u32, stride: u32, pad: u32,
  xStride: u32, xFirst: u32, // elements from one pixel of x to the next, and the first of them: it may be some channels of a wider tensor
  yStride: u32, yFirst: u32, // the same of y
  accumulate: u32, // 1: y goes on from what it holds
  relu: u32, most: f32, // as lib/rectified.wgsl has them
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> filters: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end

alias Vector = f32;
const WORKGROUP: u32 = 64; //#param

//#include "lib/rectified.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let output = i % (dims.groups * dims.outputs);
  let pixel = i / (dims.groups * dims.outputs);
  if (pixel >= dims.images * dims.oh * dims.ow) { return; }
  let ox = pixel % dims.ow;
  let oy = pixel / dims.ow % dims.oh;
  let n = pixel / (dims.ow * dims.oh);
  let g = output / dims.outputs;
  let m = output % dims.outputs;

  var sum = biasOf(output);
  for (var r = 0u; r < dims.kh; r++) {
    for (var t = 0u; t < dims.kw; t++) {
      // A row above or left of the image is negative, hence huge as u32, hence outside.
      let iy = oy * dims.stride + r - dims.pad;
      let ix = ox * dims.stride + t - dims.pad;
      if (iy >= dims.height || ix >= dims.width) { continue; }
      let xAt = ((n * dims.height + iy) * dims.width + ix) * dims.xStride + dims.xFirst + g * dims.channels;
      let filterAt = ((g * dims.kh + r) * dims.kw + t) * dims.channels * dims.outputs + m;
      for (var c = 0u; c < dims.channels; c++) {
        sum += x[xAt + c] * filters[filterAt + c * dims.outputs];
      }
    }
  }
  let at = pixel * dims.yStride + dims.yFirst + output;
  if (dims.accumulate == 1) { sum += y[at]; }
  y[at] = rectified(sum);
}
