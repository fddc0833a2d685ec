// Gradient of the maximum over windows: each window's dy goes to the first of its taps, in scan order, that holds the maximum.
//
//   dx[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows whose first tap with x = y[n, oy, ox, c] is the pixel
//
// x, dx: [images, height, width, channels]; y, dy: [images, oh, ow, channels]. One invocation per element of dx (or, as Vector = vec4f, four
// channels of one pixel: channels are then counted in Vectors).

struct Dims {
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32,
  kh: u32, kw: u32, strideY: u32, strideX: u32, dilationY: u32, dilationX: u32,
  top: u32, left: u32, bottom: u32, right: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> y: array<Vector>;
@group(0) @binding(3) var<storage, read> dy: array<Vector>;
@group(0) @binding(4) var<storage, read_write> dx: array<Vector>;

alias Flags = bool; //#param
alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/split.wgsl"

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
    if (down % dims.strideY != 0 || down / dims.strideY >= dims.oh) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let across = ix + dims.left - t * dims.dilationX;
      if (across % dims.strideX != 0 || across / dims.strideX >= dims.ow) { continue; }
      let at = ((n * dims.oh + down / dims.strideY) * dims.ow + across / dims.strideX) * dims.channels + c;
      let taken = earlier(y[at], n, c, down, across, r * dims.kw + t) | (x[i] != y[at]);
      sum += select(dy[at], Vector(), taken);
    }
  }
  dx[i] = sum;
}

// Whether a tap before number `end` of the window that starts at (down - top, across - left) holds `value`.
fn earlier(value: Vector, n: u32, c: u32, down: u32, across: u32, end: u32) -> Flags {
  var found = Flags();
  for (var tap = 0u; tap < end; tap++) {
    let iy = down + tap / dims.kw * dims.dilationY - dims.top;
    let ix = across + tap % dims.kw * dims.dilationX - dims.left;
    if (iy >= dims.height || ix >= dims.width) { continue; }
    found = found | (x[((n * dims.height + iy) * dims.width + ix) * dims.channels + c] == value);
  }
  return found;
}
