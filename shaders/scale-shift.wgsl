// A factor and an offset for each channel: y[p, c] = x[p, c] factor[c] + offset[c].
//
// x, y: [pixels, channels]; factor, offset: [channels]. One invocation per element (or, as Vector = vec4f, four channels: channels are then
// counted in Vectors). Slots leave the factor or the offset out.

struct Dims { count: u32, channels: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

//#slot factor
@group(0) @binding(3) var<storage, read> factor: array<Vector>;
fn factorOf(channel: u32) -> Vector { return factor[channel]; }
//#end

//#slot offset
@group(0) @binding(4) var<storage, read> offset: array<Vector>;
fn offsetOf(channel: u32) -> Vector { return offset[channel]; }
//#end

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  y[i] = x[i] * factorOf(c) + offsetOf(c);
}
