// A filter whose outputs are multiplied: scaled[g, k, m] = filters[g, k, m] factor[g, m].
//
// filters, scaled: [groups, taps * channels, outputs]; factor: [groups, outputs]. One invocation per element.

struct Dims { count: u32, each: u32, outputs: u32 } // each: elements of one group

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> filters: array<f32>;
@group(0) @binding(2) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<storage, read_write> scaled: array<f32>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  scaled[i] = filters[i] * factor[i / dims.each * dims.outputs + i % dims.outputs];
}
