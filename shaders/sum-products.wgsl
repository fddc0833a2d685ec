// Sums of products over pixels, `chunk` successive pixels at a time, in order.
//
//   y[s, c] = sum over p from s chunk to (s + 1) chunk - 1 of a[p, c] b[p, c]
//
// a, b: [pixels, channels]; y: [pixels / chunk rounded up, channels]. One invocation per element of y: textbook with one chunk of everything; fast
// in two passes, chunks first and their sums next (sum-pixels.wgsl), on Vector = vec4f where channels (counted in Vectors) allow it.

struct Dims { count: u32, pixels: u32, channels: u32, chunk: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> a: array<Vector>;
@group(0) @binding(2) var<storage, read> b: array<Vector>;
@group(0) @binding(3) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let first = i / dims.channels * dims.chunk;
  let last = min(first + dims.chunk, dims.pixels);
  var sum = Vector();
  if (dims.accumulate == 1) { sum = y[i]; }
  for (var p = first; p < last; p++) { sum += a[p * dims.channels + c] * b[p * dims.channels + c]; }
  y[i] = sum;
}
