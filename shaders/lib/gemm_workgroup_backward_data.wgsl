// Gradient with respect to the input, for gemm_workgroup.wgsl. Rows are input pixels, columns are channels, k is (r, t, m).
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy stride - pad + r = iy and ox stride - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]

@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> filters: array<f32>;

// True: neighbours of b along k lie side by side.
const B_ALONG_K = true;

// Of this invocation's four rows: oy stride and ox stride of the output that reaches them through tap (0, 0).
var<private> image: vec4u;
var<private> bottom: vec4u;
var<private> right: vec4u;

fn openRows(row: u32) {
  let pixel = min(row + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
  image = pixel / (dims.height * dims.width) * dims.oh;
  bottom = pixel / dims.width % dims.height + dims.pad;
  right = pixel % dims.width + dims.pad;
}

fn loadA(k: u32) -> vec4f {
  let m = k % dims.outputs;
  let tap = k / dims.outputs;
  // Negative is huge as u32, hence outside.
  let down = bottom - tap / dims.kw;
  let along = right - tap % dims.kw;
  let oy = down / dims.stride;
  let ox = along / dims.stride;
  var a = vec4f();
  for (var i = 0u; i < 4; i++) {
    if (down[i] % dims.stride == 0 && along[i] % dims.stride == 0 && oy[i] < dims.oh && ox[i] < dims.ow) {
      a[i] = dy[((image[i] + oy[i]) * dims.ow + ox[i]) * dims.yStride + dims.yFirst + group * dims.outputs + m];
    }
  }
  return a;
}

fn loadB(k: u32, column: u32) -> vec4f {
  let tap = group * dims.kh * dims.kw + k / dims.outputs;
  var b = vec4f();
  for (var j = 0u; j < 4; j++) {
    if (column + j < dims.columns) { b[j] = filters[(tap * dims.channels + column + j) * dims.outputs + k % dims.outputs]; }
  }
  return b;
}

fn startOf(column: u32) -> f32 { return 0; }

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.xStride + dims.xFirst + group * dims.channels + column; }
