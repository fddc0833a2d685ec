// Gradient of a depthwise convolution with respect to its filter, over `chunk` successive output pixels at a time, in order.
//
//   y[s, r, t, c] = sum over the output pixels (n, oy, ox) of chunk s of x[n, oy strideY + r dilationY - top, ox strideX + t dilationX - left, c]
//                   dy[n, oy, ox, c]
//
// x: [images, height, width, channels]; dy: [images, oh, ow, channels]; y: [pixels / chunk rounded up, kh, kw, channels]. One invocation per
// element of y: textbook with one chunk of everything; fast in two passes, chunks first and their sums next (sum-pixels.wgsl), on Vector = vec4f
// where channels (counted in Vectors) allow it.

struct Dims {
  //#include "lib/window-dims.wgsl"
  pixels: u32, chunk: u32,
  accumulate: u32, // 1: the sum goes on from what y holds (further images of the same batch)
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let tap = placeOf(i, dims.kh, dims.kw);
  let right = pixelColumn(0, tap.column); // left of the image it wraps, and is outside as well
  let down = pixelRow(0, tap.row);
  let first = tap.n * dims.chunk;
  let last = min(first + dims.chunk, dims.pixels);

  var sum = Vector();
  if (dims.accumulate == 1) { sum = y[i]; }
  for (var pixel = first; pixel < last; pixel++) {
    let column = split(pixel, dims.ow);
    let row = split(column.whole, dims.oh);
    let iy = row.rest * dims.strideY + down;
    let ix = column.rest * dims.strideX + right;
    if (iy >= dims.height || ix >= dims.width) { continue; }
    sum += x[pixelAt(row.whole, iy, ix, tap.c)] * dy[pixel * dims.channels + tap.c];
  }
  y[i] = sum;
}
