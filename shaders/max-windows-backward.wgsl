// Gradient of the maximum over windows: each window's dy goes to the first of its taps, in scan order, that holds the maximum.
//
//   dx[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows whose first tap with x = y[n, oy, ox, c] is the pixel
//
// x, dx: [images, height, width, channels]; y, dy: [images, oh, ow, channels]. One invocation per element of dx (or, as Vector = vec4f, four
// channels of one pixel: channels are then counted in Vectors).

struct Dims {
  //#include "lib/window-dims.wgsl"
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> y: array<Vector>;
@group(0) @binding(3) var<storage, read> dy: array<Vector>;
@group(0) @binding(4) var<storage, read_write> dx: array<Vector>;

alias Flags = bool; //#param
alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/windows.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let at = placeOf(i, dims.height, dims.width);

  var sum = Vector();
  for (var r = 0u; r < dims.kh; r++) {
    let oy = windowRow(at.row, r);
    if (oy >= dims.oh) { continue; }
    for (var t = 0u; t < dims.kw; t++) {
      let ox = windowColumn(at.column, t);
      if (ox >= dims.ow) { continue; }
      let window = windowAt(at.n, oy, ox, at.c);
      let taken = earlier(y[window], Place(at.n, oy, ox, at.c), r * dims.kw + t) | (x[i] != y[window]);
      sum += select(dy[window], Vector(), taken);
    }
  }
  dx[i] = sum;
}

// Whether a tap of a window before number `end` holds `value`.
fn earlier(value: Vector, window: Place, end: u32) -> Flags {
  var found = Flags();
  for (var tap = 0u; tap < end; tap++) {
    let iy = pixelRow(window.row, tap / dims.kw);
    let ix = pixelColumn(window.column, tap % dims.kw);
    if (iy >= dims.height || ix >= dims.width) { continue; }
    found = found | (x[pixelAt(window.n, iy, ix, window.c)] == value);
  }
  return found;
}
