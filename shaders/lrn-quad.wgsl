// Local response normalisation across channels, four channels at a time.
//
//   scale[p, c] = k + alpha / size * sum of x[p, i]^2 over the `size` channels i around c
//   y[p, c]     = x[p, c] * scale[p, c]^-beta
//
// x, y: [pixels, channels]; channels counts vectors of four. What lrn-vector.wgsl says of windows of five channels, without its arrays: adapters of four lanes
// keep in memory what a variable indexes.

struct Dims { count: u32, channels: u32, size: u32, k: f32, alpha: f32, beta: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let here = x[i];
  let before = select(vec4f(), x[max(i, 1u) - 1], c > 0);
  let after = select(vec4f(), x[min(i + 1, dims.count - 1)], c + 1 < dims.channels);
  let h = here * here;
  let b = before * before;
  let a = after * after;
  let sums = vec4f(b.z, b.w, h.x, h.y) + vec4f(b.w, h.x, h.y, h.z) + h + vec4f(h.y, h.z, h.w, a.x) + vec4f(h.z, h.w, a.x, a.y);
  y[i] = here * pow(dims.k + dims.alpha / f32(dims.size) * sums, vec4f(-dims.beta));
}
