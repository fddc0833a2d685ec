// Gradient with respect to the input, for gemm/gemm-subgroup.wgsl. Rows are input pixels, columns are channels, k runs over outputs, tap by tap.
//
//   a[pixel, (r, t, m)] = dy[n, oy, ox, m] where oy stride - pad + r = iy and ox stride - pad + t = ix have a solution inside dy
//   b[(r, t, m), c] = filters[g, r, t, c, m]
//
// The filter lies with its outputs innermost, which are k here: a lane loads VECTOR of them for each of its columns and turns them round in
// registers.

//#include "gemm/gemm-subgroup-columns.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Along>;
@group(0) @binding(2) var<storage, read> filters: array<Along>;
//#include "gemm/gemm-gradient-epilogue.wgsl"
//#include "gemm/gemm-subgroup-along.wgsl"

// By register: where the tap (0, 0) that reaches its input pixel starts, in strides of 1, and what the tap in work reads.
var<private> image: array<u32, REGISTERS>;
var<private> bottom: array<u32, REGISTERS>;
var<private> right: array<u32, REGISTERS>;
var<private> inside: array<bool, REGISTERS>;
var<private> dyAt: array<u32, REGISTERS>;
var<private> filterAt: array<array<u32, 4>, COLUMNS>;
var<private> r: u32;
var<private> t: u32;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let pixel = min(firstRow + p * ROW_LANES + lane % ROW_LANES, dims.rows - 1);
    image[p] = pixel / (dims.height * dims.width) * dims.oh;
    bottom[p] = pixel / dims.width % dims.height + dims.pad;
    right[p] = pixel % dims.width + dims.pad;
  }
  openColumns(firstColumn);
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn blockCount() -> u32 { return dims.kh * dims.kw; }
fn stepCount(block: u32, split: u32) -> u32 { return dims.outputs / DEPTH; }

// The output whose window starts `distance` pixels along; 0xffffffff where there is none.
// A negative distance is huge as u32, and so is its quotient.
fn outputAt(along: u32) -> u32 { return select(0xffffffff, along / dims.stride, along % dims.stride == 0); }

fn openBlock(tap: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let oy = outputAt(bottom[p] - r);
    let ox = outputAt(right[p] - t);
    inside[p] = oy < dims.oh && ox < dims.ow;
    let pixelAt = select(0, ((image[p] + oy) * dims.ow + ox) * dims.yStride, inside[p]);
    dyAt[p] = (pixelAt + dims.yFirst + group * dims.outputs) / VECTOR + lane / ROW_LANES;
  }
  for (var j = 0u; j < COLUMNS; j++) {
    for (var e = 0u; e < 4; e++) {
      filterAt[j][e] = ((group * dims.kh * dims.kw + tap) * dims.channels + 4 * column[j] + e) * (dims.outputs / VECTOR);
    }
  }
  t++;
  if (t == dims.kw) { t = 0; r++; }
}

fn load(step: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    a[p] = select(Along(), dy[dyAt[p] + step * DEPTH_LANES], inside[p]);
  }
  for (var d = 0u; d < DEPTH_LANES; d++) {
    for (var j = 0u; j < COLUMNS; j++) {
      for (var e = 0u; e < 4; e++) {
        let outputs = filters[filterAt[j][e] + step * DEPTH_LANES + d];
        for (var k = 0u; k < VECTOR; k++) { b[d * VECTOR + k][j][e] = outputs[k]; }
      }
    }
  }
}

fn resultAt(row: u32, j: u32, split: u32) -> u32 {
  return (row * dims.xStride + dims.xFirst + group * dims.channels) / 4 + column[j];
}

fn closeTile(firstRow: u32, split: u32) {}
