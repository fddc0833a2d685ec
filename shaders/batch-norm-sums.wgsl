// The two sums of the gradient of batch normalisation, `chunk` successive pixels at a time, in order.
//
//   shifts[s, c] = sum over p from s chunk to (s + 1) chunk - 1 of dy[p, c]
//   scales[s, c] = sum over the same of dy[p, c] (x[p, c] - mean[c]) / sqrt(variance[c] + epsilon)
//
// x, dy: [pixels, channels]; mean, variance: [channels]; shifts, scales: [pixels / chunk rounded up, channels]. One invocation per element of
// both, on Vector = vec4f where channels (counted in Vectors) allow it.

struct Dims { count: u32, pixels: u32, channels: u32, chunk: u32, epsilon: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read> mean: array<Vector>;
@group(0) @binding(4) var<storage, read> variance: array<Vector>;
@group(0) @binding(5) var<storage, read_write> shifts: array<Vector>;
@group(0) @binding(6) var<storage, read_write> scales: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let first = i / dims.channels * dims.chunk;
  let last = min(first + dims.chunk, dims.pixels);
  var shift = Vector();
  var scale = Vector();
  for (var p = first; p < last; p++) {
    let at = p * dims.channels + c;
    shift += dy[at];
    scale += dy[at] * (x[at] - mean[c]);
  }
  shifts[i] = shift;
  scales[i] = scale / sqrt(variance[c] + dims.epsilon);
}
