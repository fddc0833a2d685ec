// Gradient with respect to the input, for gemm/gemm-quad.wgsl. Rows are input pixels, columns are channels, k runs over outputs, tap by tap.
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy stride - pad + r = iy and ox stride - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]
//
// The filter lies with its outputs innermost, which are k here: a lane loads two of them for each of its columns and turns them round.

@group(0) @binding(1) var<storage, read> dy: array<vec2f>;
@group(0) @binding(2) var<storage, read> filters: array<vec2f>;
//#include "gemm/gemm-gradient-epilogue.wgsl"

// By row of this lane: where the tap (0, 0) that reaches its input pixel starts, in strides of 1, and what the tap in work reads, in twos.
var<private> image: vec4u;
var<private> bottom: vec4u;
var<private> right: vec4u;
var<private> inside: vec4<bool>;
var<private> dyAt: vec4u;
// The tap's first output for each of this lane's columns, in twos.
var<private> columns: u32;
var<private> filterAt: vec4u;

fn openTile(row: u32, column: u32, split: u32) {
  let pixel = min(row + FOUR, vec4u(dims.rows - 1));
  image = pixel / (dims.height * dims.width) * dims.oh;
  bottom = pixel / dims.width % dims.height + dims.pad;
  right = pixel % dims.width + dims.pad;
  columns = column;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn blockCount() -> u32 { return dims.kh * dims.kw; }
fn stepCount() -> u32 { return dims.outputs / DEPTH; }

// The output whose window starts `distance` pixels along; 0xffffffff where there is none.
// A negative distance is huge as u32, and so is its quotient.
fn outputAt(along: vec4u) -> vec4u { return select(vec4u(0xffffffff), along / dims.stride, along % dims.stride == vec4u()); }

fn openBlock(tap: u32) {
  let oy = outputAt(bottom - tap / dims.kw);
  let ox = outputAt(right - tap % dims.kw);
  inside = (oy < vec4u(dims.oh)) & (ox < vec4u(dims.ow));
  dyAt = (select(vec4u(), ((image + oy) * dims.ow + ox) * dims.yStride, inside) + dims.yFirst + group * dims.outputs) / 2;
  filterAt = ((group * dims.kh * dims.kw + tap) * dims.channels + 4 * columns + FOUR) * (dims.outputs / 2);
}

fn loadA(step: u32) -> mat4x2f {
  return mat4x2f(
    select(vec2f(), dy[dyAt.x + step], inside.x),
    select(vec2f(), dy[dyAt.y + step], inside.y),
    select(vec2f(), dy[dyAt.z + step], inside.z),
    select(vec2f(), dy[dyAt.w + step], inside.w),
  );
}

fn loadB(step: u32) -> mat2x4f {
  return transpose(mat4x2f(filters[filterAt.x + step], filters[filterAt.y + step], filters[filterAt.z + step], filters[filterAt.w + step]));
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 {
  return (row * dims.xStride + dims.xFirst + group * dims.channels) / 4 + column;
}

fn closeTile(firstRow: u32, column: u32, split: u32) {}
