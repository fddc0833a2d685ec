// Gradient with respect to the input, for gemm/gemm-quad.wgsl. Rows are input pixels, columns are channels, k runs over outputs, tap by tap.
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy - pad + r = iy and ox - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]
//
// For strides of 1. The filter lies with its outputs innermost, which are k here: a lane loads two of them for each of its columns and turns them round.

@group(0) @binding(1) var<storage, read> dy: array<vec2f>;
@group(0) @binding(2) var<storage, read> filters: array<vec2f>;
//#include "gemm/gemm-gradient-epilogue.wgsl"

// By row of this lane: where the tap (0, 0) that reaches its input pixel starts.
var<private> image: vec4u;
var<private> bottom: vec4u;
var<private> right: vec4u;
// The tap and the outputs in work, and where the filter has them for each of this lane's columns, in twos.
var<private> r: u32;
var<private> t: u32;
var<private> m: u32;
var<private> filterAt: vec4u;

fn openTile(row: u32, column: u32, split: u32) {
  let pixel = min(row + FOUR, vec4u(dims.rows - 1));
  image = pixel / (dims.height * dims.width) * dims.oh;
  bottom = pixel / dims.width % dims.height + dims.pad;
  right = pixel % dims.width + dims.pad;
  filterAt = (group * dims.kh * dims.kw * dims.channels + 4 * column + FOUR) * (dims.outputs / 2);
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn stepCount(split: u32) -> u32 { return dims.kh * dims.kw * dims.outputs / DEPTH; }

fn loadA() -> mat4x2f {
  // Above or left of the first output is negative, hence huge as u32, hence outside.
  let oy = bottom - r;
  let ox = right - t;
  let inside = (oy < vec4u(dims.oh)) & (ox < vec4u(dims.ow));
  let pixelAt = select(vec4u(), ((image + oy) * dims.ow + ox) * dims.yStride, inside);
  let at = (pixelAt + (dims.yFirst + group * dims.outputs + m)) / 2;
  return mat4x2f(
    select(vec2f(), dy[at.x], inside.x),
    select(vec2f(), dy[at.y], inside.y),
    select(vec2f(), dy[at.z], inside.z),
    select(vec2f(), dy[at.w], inside.w),
  );
}

fn loadB() -> mat2x4f {
  return transpose(mat4x2f(filters[filterAt.x], filters[filterAt.y], filters[filterAt.z], filters[filterAt.w]));
}

fn next() {
  m += DEPTH;
  let isTapDone = m == dims.outputs;
  m = select(m, 0u, isTapDone);
  filterAt += select(1u, 1 + (dims.channels - 1) * (dims.outputs / 2), isTapDone);
  t += select(0u, 1u, isTapDone);
  let isLineDone = t == dims.kw;
  t = select(t, 0u, isLineDone);
  r += select(0u, 1u, isLineDone);
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 {
  return (row * dims.xStride + dims.xFirst + group * dims.channels) / 4 + column;
}

fn closeTile(firstRow: u32, column: u32, split: u32) {}
