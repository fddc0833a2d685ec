// Sums over pixels, `chunk` successive pixels at a time, in order. The gradient of a bias is the sum over all of them.
//
//   y[s, c] = sum over p from s chunk to (s + 1) chunk - 1 of x[p, c]
//
// x: [pixels, channels], perhaps some channels of a wider tensor; y: [pixels / chunk rounded up, channels].
// One invocation per element of y: textbook with one chunk of everything;
// fast in two passes, chunks first and their sums next, on Vector = vec4f where channels (counted in Vectors) allow it.

struct Dims {
  pixels: u32, channels: u32, chunk: u32,
  accumulate: u32, // 1: the sum goes on from what y holds
  xStride: u32, xFirst: u32, // from one pixel of x to the next, and its first channel; in Vectors like channels
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let c = i % dims.channels;
  let first = i / dims.channels * dims.chunk;
  if (first >= dims.pixels) { return; }
  let last = min(first + dims.chunk, dims.pixels);

  var sum = Vector();
  if (dims.accumulate == 1) { sum = y[i]; }
  for (var p = first; p < last; p++) {
    sum += x[p * dims.xStride + dims.xFirst + c];
  }
  y[i] = sum;
}
