// Gradient of local response normalisation, recomputing scale instead of storing it.
//
//   dx[p, c] = dy[p, c] * scale[p, c]^-beta
//            - 2 alpha beta / size * x[p, c] * sum of dy[p, i] * x[p, i] * scale[p, i]^-(beta + 1) over the channels i around c
//
// The second term is there because every neighbour's scale contains x[p, c]. x, dy, dx: [pixels, channels]. One invocation per output.

struct Dims { count: u32, channels: u32, size: u32, k: f32, alpha: f32, beta: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const WORKGROUP: u32 = 64; //#param

//#include "lib/lrn-scale.wgsl"

alias Vector = f32; // of the gate
//#slot gate
fn gated(gradient: Vector, _i: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = i % dims.channels;
  let row = i - channel;
  let reach = dims.size / 2;
  var through = 0.0; // what reaches x through its neighbours' scales
  for (var c = max(channel, reach) - reach; c <= min(channel + reach, dims.channels - 1); c++) {
    through += dy[row + c] * x[row + c] * pow(scaleAt(row, c), -dims.beta - 1);
  }
  let direct = dy[i] * pow(scaleAt(row, channel), -dims.beta);
  dx[i] = gated(direct - 2 * dims.alpha * dims.beta / f32(dims.size) * x[i] * through, i);
}
