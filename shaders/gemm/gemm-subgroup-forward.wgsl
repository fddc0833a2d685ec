// Forward pass of a convolution for gemm/gemm-subgroup.wgsl. Rows are output pixels, columns are outputs, k runs over channels, tap by tap.
//
//   a[pixel, (r, t, c)] = x[n, oy stride - pad + r, ox stride - pad + t, c]        b[(r, t, c), m] = filters[g, r, t, c, m]

//#include "gemm/gemm-subgroup-columns.wgsl"

@group(0) @binding(1) var<storage, read> x: array<Along>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
//#include "gemm/gemm-forward-epilogue.wgsl"
//#include "gemm/gemm-subgroup-along.wgsl"

// By register: where the window of its output pixel starts, and what the tap in work reads there.
var<private> image: array<u32, REGISTERS>;
var<private> top: array<u32, REGISTERS>;
var<private> left: array<u32, REGISTERS>;
var<private> inside: array<bool, REGISTERS>;
var<private> xAt: array<u32, REGISTERS>;
var<private> filterAt: u32;
var<private> r: u32;
var<private> t: u32;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let pixel = min(firstRow + p * ROW_LANES + lane % ROW_LANES, dims.rows - 1);
    image[p] = pixel / (dims.oh * dims.ow) * dims.height;
    // Above or left of the image is negative, hence huge as u32, hence outside.
    top[p] = pixel / dims.ow % dims.oh * dims.stride - dims.pad;
    left[p] = pixel % dims.ow * dims.stride - dims.pad;
  }
  openColumns(firstColumn);
}

fn blockCount() -> u32 { return dims.kh * dims.kw; }
fn stepCount(block: u32, split: u32) -> u32 { return dims.channels / DEPTH; }

fn openBlock(tap: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let iy = top[p] + r;
    let ix = left[p] + t;
    inside[p] = iy < dims.height && ix < dims.width;
    let pixelAt = select(0, ((image[p] + iy) * dims.width + ix) * dims.xStride, inside[p]);
    xAt[p] = (pixelAt + dims.xFirst + group * dims.channels) / VECTOR + lane / ROW_LANES;
  }
  filterAt = (group * dims.kh * dims.kw + tap) * dims.channels * (dims.outputs / 4);
  t++;
  if (t == dims.kw) { t = 0; r++; }
}

fn load(step: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    a[p] = select(Along(), x[xAt[p] + step * DEPTH_LANES], inside[p]);
  }
  for (var k = 0u; k < DEPTH; k++) {
    for (var j = 0u; j < COLUMNS; j++) {
      b[k][j] = filters[filterAt + (step * DEPTH + k) * (dims.outputs / 4) + column[j]];
    }
  }
}

fn resultAt(row: u32, j: u32, split: u32) -> u32 {
  return (row * dims.yStride + dims.yFirst + group * dims.outputs) / 4 + column[j];
}

fn closeTile(firstRow: u32, split: u32) {}
