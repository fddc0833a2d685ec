// Gradient of the maximum over windows, from where the maxima lie, four channels of a tile of ROWS x COLUMNS pixels at a time.
//
//   dx[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows (oy, ox) whose winning tap is this pixel
//
// dx: [images, height, width, channels]; dy: [images, oh, ow, channels]; winners: one byte per channel, likewise;
// channels counts vectors of four.
// What max-pool-backward-winners.wgsl says, but each window is read once for all pixels of the tile. Tiles begin at multiples of STRIDE in the padded
// image, so that which tap of which window a pixel is does not depend on the tile. 2 x 4 pixels: 1.9 instead of 15.7 ms for one pixel an invocation
// (3 x 3 windows with stride 1 on 4 x 28 x 28 x 192, software adapter).

struct Dims { count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32, pad: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> winners: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

const WORKGROUP: u32 = 64; //#param
const SIZE: u32 = 3; //#param
const STRIDE: u32 = 2; //#param
const ROWS: u32 = 2; //#param
const COLUMNS: u32 = 4; //#param
const ADDEND: bool = false; //#param
const_assert ROWS % STRIDE == 0 && COLUMNS % STRIDE == 0;
// Windows that begin above (left of) a tile and reach into it, and all that hold a pixel of it.
const BEFORE: u32 = (SIZE - 1) / STRIDE;
const DOWN: u32 = BEFORE + ROWS / STRIDE;
const ACROSS: u32 = BEFORE + COLUMNS / STRIDE;
const NO_TAP: u32 = 0xffffffff;

//#include "lib/split.wgsl"

alias Vector = vec4f; // of the gate
//#slot gate
fn gated(gradient: Vector, _i: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = split(i, dims.channels);
  let column = split(channel.whole, (dims.width + dims.pad + COLUMNS - 1) / COLUMNS);
  let row = split(column.whole, (dims.height + dims.pad + ROWS - 1) / ROWS);
  let c = channel.rest;
  let left = column.rest * COLUMNS;
  let top = row.rest * ROWS;
  let n = row.whole;

  var sums: array<array<vec4f, COLUMNS>, ROWS>;
  for (var down = 0u; down < DOWN; down++) {
    for (var across = 0u; across < ACROSS; across++) {
      let oy = top / STRIDE + down - BEFORE; // before the first it wraps, and is outside as well
      let ox = left / STRIDE + across - BEFORE;
      let inside = oy < dims.oh && ox < dims.ow;
      let at = select(0, ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c, inside);
      let taps = (vec4u(select(NO_TAP, winners[at], inside)) >> vec4u(0, 8, 16, 24)) & vec4u(0xff);
      let slope = dy[at];
      for (var a = 0u; a < ROWS; a++) {
        for (var b = 0u; b < COLUMNS; b++) {
          let tapRow = a + (BEFORE - down) * STRIDE;
          let tapColumn = b + (BEFORE - across) * STRIDE;
          if (tapRow < SIZE && tapColumn < SIZE) {
            sums[a][b] += select(vec4f(), slope, taps == vec4u(tapRow * SIZE + tapColumn));
          }
        }
      }
    }
  }
  for (var a = 0u; a < ROWS; a++) {
    for (var b = 0u; b < COLUMNS; b++) {
      let iy = top + a - dims.pad;
      let ix = left + b - dims.pad;
      if (iy < dims.height && ix < dims.width) {
        let at = ((n * dims.height + iy) * dims.width + ix) * dims.channels + c;
        if (ADDEND) { sums[a][b] += dx[at]; }
        dx[at] = gated(sums[a][b], at);
      }
    }
  }
}
