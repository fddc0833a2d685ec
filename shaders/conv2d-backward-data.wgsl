// Gradient of a 2-D convolution with respect to its input, in gather form: each pixel of dx asks which outputs it reached.
//
//   dx[n, iy, ix, g, c] = sum over (r, t, m) of dy[n, oy, ox, g, m] * filters[g, r, t, c, m]
//                         where oy stride - pad + r = iy and ox stride - pad + t = ix have a solution inside dy
//
// dy: [images, oh, ow, groups, outputs]; filters: [groups, kh, kw, channels, outputs]; dx: [images, height, width, groups, channels].
// One invocation per element of dx: the textbook kernel, and what the fast ones must equal.

// The optional epilogue of a gradient: dx goes on from what it holds (accumulate) and is 0 where the ReLU that made x is (gate).

struct Dims {
  images: u32, height: u32, width: u32, oh: u32, ow: u32,
  groups: u32, channels: u32, outputs: u32,
  kh: u32, kw: u32, stride: u32, pad: u32,
  xStride: u32, xFirst: u32, // elements from one pixel of dx to the next, and the first of them: it may be some channels of a wider tensor
  yStride: u32, yFirst: u32, // the same of dy
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>;

alias Vector = f32;
const WORKGROUP: u32 = 64; //#param

//#slot gate
fn gated(gradient: Vector, _at: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let channel = i % (dims.groups * dims.channels);
  let pixel = i / (dims.groups * dims.channels);
  if (pixel >= dims.images * dims.height * dims.width) { return; }
  let ix = pixel % dims.width;
  let iy = pixel / dims.width % dims.height;
  let n = pixel / (dims.width * dims.height);
  let g = channel / dims.channels;
  let c = channel % dims.channels;

  var sum = 0.0;
  for (var r = 0u; r < dims.kh; r++) {
    for (var t = 0u; t < dims.kw; t++) {
      // oy stride and ox stride; negative is huge as u32, hence outside.
      let down = iy + dims.pad - r;
      let right = ix + dims.pad - t;
      if (down % dims.stride != 0 || right % dims.stride != 0) { continue; }
      let oy = down / dims.stride;
      let ox = right / dims.stride;
      if (oy >= dims.oh || ox >= dims.ow) { continue; }
      let dyAt = ((n * dims.oh + oy) * dims.ow + ox) * dims.yStride + dims.yFirst + g * dims.outputs;
      let filterAt = (((g * dims.kh + r) * dims.kw + t) * dims.channels + c) * dims.outputs;
      for (var m = 0u; m < dims.outputs; m++) {
        sum += dy[dyAt + m] * filters[filterAt + m];
      }
    }
  }
  let at = pixel * dims.xStride + dims.xFirst + channel;
  if (dims.accumulate == 1) { sum += dx[at]; }
  dx[at] = gated(sum, at);
}
