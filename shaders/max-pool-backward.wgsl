// Gradient of the maximum over windows: each window's dy goes to the first of its pixels, in scan order, that holds the maximum.
//
//   dx[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows (oy, ox) that hold the pixel, where x[n, iy, ix, c] = y[n, oy, ox, c]
//                      and no pixel of the window that is scanned earlier has that value too
//
// x, dx: [images, height, width, channels]; y, dy: [images, oh, ow, channels]. One invocation per element of dx, so that nothing is added
// to by two.

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const ADDEND: bool = false; //#param

//#include "lib/pool-window.wgsl"

alias Vector = f32; // of the gate
//#slot gate
fn gated(gradient: Vector, _i: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let ix = i / dims.channels % dims.width;
  let iy = i / (dims.channels * dims.width) % dims.height;
  let n = i / (dims.channels * dims.width * dims.height);

  let down = windowsOf(iy, dims.oh);
  let across = windowsOf(ix, dims.ow);
  var sum = 0.0;
  if (ADDEND) { sum = dx[i]; }
  for (var oy = down.first; oy < down.end; oy++) {
    for (var ox = across.first; ox < across.end; ox++) {
      let at = ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c;
      if (x[i] == y[at] && isFirst(y[at], n, iy, ix, c, pixelsOf(oy, dims.height).first, pixelsOf(ox, dims.width))) {
        sum += dy[at];
      }
    }
  }
  dx[i] = gated(sum, i);
}

// Whether no pixel scanned before (iy, ix), from row `top` on and within `columns`, holds `value`.
fn isFirst(value: f32, n: u32, iy: u32, ix: u32, c: u32, top: u32, columns: Span) -> bool {
  for (var earlierY = top; earlierY <= iy; earlierY++) {
    let end = select(columns.end, ix, earlierY == iy);
    for (var earlierX = columns.first; earlierX < end; earlierX++) {
      if (x[((n * dims.height + earlierY) * dims.width + earlierX) * dims.channels + c] == value) { return false; }
    }
  }
  return true;
}
