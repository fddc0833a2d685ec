// Gradient with respect to the input, for gemm_workgroup.wgsl. Rows are input pixels, columns are channels, k is (r, t, m).
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy stride - pad + r = iy and ox stride - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]

//#include "lib/gemm_workgroup_taps.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> filters: array<Vector>;
@group(0) @binding(3) var<storage, read_write> result: array<Vector>;
//#slot gate
fn gated(gradient: Vector, _at: u32) -> Vector { return gradient; }
//#end

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

// Which output starts its window so many pixels along; 0xffffffff where none does. A negative distance is huge as u32, and so is its quotient.
fn outputAt(distance: vec4u) -> vec4u {
  return select(vec4u(0xffffffff), distance / dims.stride, distance % dims.stride == vec4u());
}

fn loadA(u: u32, k: u32) -> mat4x4f {
  var a = mat4x4f();
  var here = along;
  for (var e = 0u; e < 4; e += VECTOR) {
    var oy = bottom[u] - here.r;
    var ox = right[u] - here.t;
    if (dims.stride > 1) { oy = outputAt(oy); ox = outputAt(ox); }
    let at = ((image[u] + oy) * dims.ow + ox) * dims.yStride + dims.yFirst + group * dims.outputs + here.element;
    for (var i = 0u; i < 4; i++) {
      if (oy[i] < dims.oh && ox[i] < dims.ow && k + e < last) {
        let outputs = vec4f(dy[at[i] / VECTOR]);
        for (var v = 0u; v < VECTOR; v++) { a[e + v][i] = outputs[v]; }
      }
    }
    if (VECTOR == 1) { here = stepped(here, 1, dims.outputs); }
  }
  return a;
}

fn loadB(column: u32, k: u32) -> mat4x4f {
  var b = mat4x4f();
  var here = along;
  for (var e = 0u; e < 4; e += VECTOR) {
    let tap = (group * dims.kh + here.r) * dims.kw + here.t;
    for (var j = 0u; j < 4; j++) {
      if (column + j < dims.columns && k + e < last) {
        let outputs = vec4f(filters[((tap * dims.channels + column + j) * dims.outputs + here.element) / VECTOR]);
        for (var v = 0u; v < VECTOR; v++) { b[e + v][j] = outputs[v]; }
      }
    }
    if (VECTOR == 1) { here = stepped(here, 1, dims.outputs); }
  }
  return b;
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.xStride + dims.xFirst + group * dims.channels + column; }

fn finish(at: u32, sum: Vector) {
  var dx = dims.scale * sum;
  if (dims.accumulate == 1) { dx += result[at]; }
  result[at] = gated(dx, at);
}

fn sumBias(row: u32, down: u32, beside: u32) {}
fn closeTile(row: u32, column: u32, down: u32, beside: u32, split: u32) {}
