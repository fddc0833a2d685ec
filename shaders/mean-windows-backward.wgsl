// Gradient of the mean over windows.
//
//   dx[n, iy, ix, c] = sum over the windows that hold the pixel of dy[n, oy, ox, c] / number of their taps that count
//
// dx: [images, height, width, channels]; dy: [images, oh, ow, channels]. One invocation per element of dx (or, as Vector = vec4f, four channels
// of one pixel: channels are then counted in Vectors).

struct Dims {
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32,
  kh: u32, kw: u32, strideY: u32, strideX: u32, dilationY: u32, dilationX: u32,
  top: u32, left: u32, bottom: u32, right: u32,
  countPad: u32, // 1: taps in the padding count in the divisor
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/split.wgsl"
//#include "lib/window-divisor.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let column = split(channel.whole, dims.width);
  let row = split(column.whole, dims.height);
  let c = channel.rest;
  let ix = column.rest;
  let iy = row.rest;
  let n = row.whole;

  var sum = Vector();
  for (var r = 0u; r < dims.kh; r++) {
    let down = iy + dims.top - r * dims.dilationY; // oy strideY; negative is huge as u32, hence outside
    let oy = down / dims.strideY;
    if (down % dims.strideY != 0 || oy >= dims.oh) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let across = ix + dims.left - t * dims.dilationX;
      let ox = across / dims.strideX;
      if (across % dims.strideX != 0 || ox >= dims.ow) { continue; }
      sum += dy[((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c] / divisorOf(oy, ox);
    }
  }
  dx[i] = sum;
}
