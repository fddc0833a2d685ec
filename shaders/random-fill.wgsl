// Random initial values, from philox(seed; step, floor(i / 4), stream, 1) for element i.
//
//   y[i] = scale * draw(block)[i mod 4], but 0 where the input channel, floor(i / outputs) mod stored, is padding (>= channels)
//
// Any shape, as blocks of four elements; `first` is the block that the window begins with. random: (seed low, seed high, step, 0). The slot is
// the distribution: uniform in [-1, 1), or lib/gaussian.wgsl. One invocation per block.

struct Dims { count: u32, first: u32, stream: u32, scale: f32, outputs: u32, stored: u32, channels: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> random: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const WORKGROUP: u32 = 64; //#param

//#include "lib/philox.wgsl"

//#slot draw
fn draw(block: vec4u) -> vec4f { return 2 * unitFloats(block) - 1; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let block = dims.first + i;
  let values = dims.scale * draw(philox(vec2u(random[0], random[1]), vec4u(random[2], block, dims.stream, 1)));
  let channel = (4 * block + vec4u(0, 1, 2, 3)) / dims.outputs % dims.stored;
  y[i] = select(vec4f(0), values, channel < vec4u(dims.channels));
}
