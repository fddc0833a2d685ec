// Sums over pixels that the moments of a channel are made of, `chunk` successive pixels at a time, in order, times `scale`.
//
//   y[s, c] = scale * sum over p from s chunk to (s + 1) chunk - 1 of term(p, c);  term = x, or in a slot (x - mean)^2
//
// x: [pixels, channels]; mean: [channels]; y: [pixels / chunk rounded up, channels]. One invocation per element of y, on Vector = vec4f where
// channels (counted in Vectors) allow it.

struct Dims { count: u32, pixels: u32, channels: u32, chunk: u32, scale: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

//#slot term
fn term(at: u32, _channel: u32) -> Vector { return x[at]; }
//#end

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
  for (var p = first; p < last; p++) { sum += term(p * dims.channels + c, c); }
  y[i] = dims.scale * sum;
}
