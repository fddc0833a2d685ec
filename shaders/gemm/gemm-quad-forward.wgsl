// Forward pass of a convolution for gemm/gemm-quad.wgsl. Rows are output pixels, columns are outputs, k runs over channels, tap by tap.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

@group(0) @binding(1) var<storage, read> x: array<vec2f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
//#include "gemm/gemm-forward-epilogue.wgsl"

// By row of this lane: where the window of its output pixel starts.
var<private> image: vec4u;
var<private> top: vec4u;
var<private> left: vec4u;
// The tap and the channels in work, and where the filter has them for this lane's columns, in fours.
var<private> r: u32;
var<private> t: u32;
var<private> c: u32;
var<private> filterAt: u32;

fn openTile(row: u32, column: u32, split: u32) {
  let pixel = min(row + FOUR, vec4u(dims.rows - 1));
  image = pixel / (dims.oh * dims.ow) * dims.height;
  // Above or left of the image is negative, hence huge as u32, hence outside.
  top = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
  left = pixel % dims.ow * dims.stride - dims.pad;
  filterAt = group * dims.kh * dims.kw * dims.channels * (dims.outputs / 4) + column;
}

fn stepCount(split: u32) -> u32 { return dims.kh * dims.kw * dims.channels / DEPTH; }

fn loadA() -> mat4x2f {
  let iy = top + r;
  let ix = left + t;
  let inside = (iy < vec4u(dims.height)) & (ix < vec4u(dims.width));
  let pixelAt = select(vec4u(), ((image + iy) * dims.width + ix) * dims.xStride, inside);
  let at = (pixelAt + (dims.xFirst + group * dims.channels + c)) / 2;
  return mat4x2f(
    select(vec2f(), x[at.x], inside.x),
    select(vec2f(), x[at.y], inside.y),
    select(vec2f(), x[at.z], inside.z),
    select(vec2f(), x[at.w], inside.w),
  );
}

fn loadB() -> mat2x4f { return mat2x4f(filters[filterAt], filters[filterAt + dims.outputs / 4]); }

fn next() {
  filterAt += DEPTH * (dims.outputs / 4);
  c += DEPTH;
  let isTapDone = c == dims.channels;
  c = select(c, 0u, isTapDone);
  t += select(0u, 1u, isTapDone);
  let isLineDone = t == dims.kw;
  t = select(t, 0u, isLineDone);
  r += select(0u, 1u, isLineDone);
}

fn resultAt(row: u32, column: u32, split: u32) -> u32 {
  return (row * dims.yStride + dims.yFirst + group * dims.outputs) / 4 + column;
}

fn closeTile(firstRow: u32, column: u32, split: u32) {}
