// Gradient with respect to the input, for gemm/gemm-workgroup.wgsl. Rows are input pixels, columns are channels, k is (r, t, m).
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy stride - pad + r = iy and ox stride - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]

//#include "gemm/gemm-workgroup-taps.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
//#include "gemm/gemm-gradient-epilogue.wgsl"

// Neighbours in memory: of both along k.
const A_ALONG_K = true;
const B_ALONG_K = true;

// Of a block's four rows: oy stride and ox stride of the output that reaches them through tap (0, 0), and their image's first line of dy.
var<private> bottom: array<vec4u, BLOCKS>;
var<private> right: array<vec4u, BLOCKS>;
var<private> image: array<vec4u, BLOCKS>;

fn openA(u: u32, row: u32) {
  let pixel = min(row + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
  bottom[u] = pixel / dims.width % dims.height + dims.pad;
  right[u] = pixel % dims.width + dims.pad;
  image[u] = pixel / (dims.height * dims.width) * dims.oh;
}

fn openK(k: u32) { along = alongFrom(k, dims.outputs); }
fn stepK() { along = stepped(along, DEPTH, dims.outputs); }

// The output whose window starts `distance` pixels along; 0xffffffff where there is none.
// A negative distance is huge as u32, and so is its quotient.
fn outputAt(distance: u32) -> u32 {
  if (dims.stride == 1) { return distance; }
  return select(0xffffffff, distance / dims.stride, distance % dims.stride == 0);
}

fn loadA(u: u32, k: u32) -> mat4x4f { return transpose(mat4x4f(rowOfA(u, 0, k), rowOfA(u, 1, k), rowOfA(u, 2, k), rowOfA(u, 3, k))); }
fn rowOfA(u: u32, i: u32, k: u32) -> vec4f {
  var four = vec4f();
  var here = along;
  for (var e = 0u; e < 4; e += VECTOR) {
    let oy = outputAt(bottom[u][i] - here.r);
    let ox = outputAt(right[u][i] - here.t);
    let at = ((image[u][i] + oy) * dims.ow + ox) * dims.yStride + dims.yFirst + group * dims.outputs + here.element;
    if (oy < dims.oh && ox < dims.ow && k + e < last) { four = withPart(four, e, dy[at / VECTOR]); }
    if (VECTOR == 1) { here = stepped(here, 1, dims.outputs); }
  }
  return four;
}

fn loadB(column: u32, k: u32) -> mat4x4f {
  return transpose(mat4x4f(columnOfB(column, k), columnOfB(column + 1, k), columnOfB(column + 2, k), columnOfB(column + 3, k)));
}
fn columnOfB(column: u32, k: u32) -> vec4f {
  var four = vec4f();
  var here = along;
  for (var e = 0u; e < 4; e += VECTOR) {
    let tap = (group * dims.kh + here.r) * dims.kw + here.t;
    let at = (tap * dims.channels + column) * dims.outputs + here.element;
    if (column < dims.columns && k + e < last) { four = withPart(four, e, filters[at / VECTOR]); }
    if (VECTOR == 1) { here = stepped(here, 1, dims.outputs); }
  }
  return four;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.xStride + dims.xFirst + group * dims.channels + column; }

fn sumBias(row: u32, down: u32, beside: u32) {}
fn closeTile(row: u32, column: u32, down: u32, beside: u32, split: u32) {}
