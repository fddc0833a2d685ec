// Forward pass of a convolution for gemm/gemm-quad.wgsl. Rows are output pixels, columns are outputs, k runs over channels, tap by tap.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

@group(0) @binding(1) var<storage, read> x: array<vec2f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
//#include "gemm/gemm-forward-epilogue.wgsl"

// By row of this lane: where the window of its output pixel starts, and what the tap in work reads there, in twos.
var<private> image: vec4u;
var<private> top: vec4u;
var<private> left: vec4u;
var<private> inside: vec4<bool>;
var<private> xAt: vec4u;
// The tap's first channel for this lane's columns, in fours.
var<private> columns: u32;
var<private> filterAt: u32;

fn openTile(row: u32, column: u32, split: u32) {
  let pixel = min(row + FOUR, vec4u(dims.rows - 1));
  image = pixel / (dims.oh * dims.ow) * dims.height;
  // Above or left of the image is negative, hence huge as u32, hence outside.
  top = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
  left = pixel % dims.ow * dims.stride - dims.pad;
  columns = column;
}

fn blockCount() -> u32 { return dims.kh * dims.kw; }
fn stepCount() -> u32 { return dims.channels / DEPTH; }

fn openBlock(tap: u32) {
  let iy = top + tap / dims.kw;
  let ix = left + tap % dims.kw;
  inside = (iy < vec4u(dims.height)) & (ix < vec4u(dims.width));
  xAt = (select(vec4u(), ((image + iy) * dims.width + ix) * dims.xStride, inside) + dims.xFirst + group * dims.channels) / 2;
  filterAt = (group * dims.kh * dims.kw + tap) * dims.channels * (dims.outputs / 4) + columns;
}

fn loadA(step: u32) -> mat4x2f {
  return mat4x2f(
    select(vec2f(), x[xAt.x + step], inside.x),
    select(vec2f(), x[xAt.y + step], inside.y),
    select(vec2f(), x[xAt.z + step], inside.z),
    select(vec2f(), x[xAt.w + step], inside.w),
  );
}

fn loadB(step: u32) -> mat2x4f {
  let at = filterAt + 2 * step * (dims.outputs / 4);
  return mat2x4f(filters[at], filters[at + dims.outputs / 4]);
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 {
  return (row * dims.yStride + dims.yFirst + group * dims.outputs) / 4 + column;
}

fn closeTile(firstRow: u32, column: u32, split: u32) {}
