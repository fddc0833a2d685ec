// Winograd's convolution, last step: tiles of the output from their products, with bias and ReLU.
//
//   Y = A^T M A for every tile and output:   y[n, TILE ty + i, TILE tx + j, m] = max(Y[i, j] + bias[m], 0);   tile = (n, ty, tx)
//
// M: [tiles, POINTS, POINTS, outputs]; y: [images, height, width, outputs]. Outputs and strides count vectors of four. One invocation makes four
// outputs of one tile. As the gradient of an input, y goes on from what it holds (accumulate) and is 0 where the ReLU that made the input is (gate).

struct Dims {
  count: u32, // tiles * outputs
  firstTile: u32, down: u32, across: u32, // of y; tiles of an image along each axis
  height: u32, width: u32, outputs: u32,
  yStride: u32, yFirst: u32, // from one pixel of y to the next, and the first of them: it may be some outputs of a wider tensor
  relu: u32, most: f32, accumulate: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> M: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end
//#slot gate
fn gated(gradient: Vector, _at: u32) -> Vector { return gradient; }
//#end

alias Vector = vec4f;
const WORKGROUP: u32 = 64; //#param

//#slot tile
//#include "lib/winograd-2.wgsl"
//#end
//#include "lib/split.wgsl"
//#include "lib/rectified.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let tile = split(i, dims.outputs);
  let along = split(dims.firstTile + tile.whole, dims.across);
  let down = split(along.whole, dims.down);
  let m = tile.rest;
  let image = down.whole * dims.height;
  let top = down.rest * TILE;
  let left = along.rest * TILE;

  // Down the columns of the products, then along their rows.
  var columns: array<array<Vector, TILE>, POINTS>;
  for (var q = 0u; q < POINTS; q++) {
    var points: array<Vector, POINTS>;
    for (var p = 0u; p < POINTS; p++) { points[p] = M[((tile.whole * POINTS + p) * POINTS + q) * dims.outputs + m]; }
    columns[q] = outputsOfPoints(points);
  }
  let start = Vector(biasOf(4 * m), biasOf(4 * m + 1), biasOf(4 * m + 2), biasOf(4 * m + 3));
  for (var k = 0u; k < TILE; k++) {
    var points: array<Vector, POINTS>;
    for (var q = 0u; q < POINTS; q++) { points[q] = columns[q][k]; }
    var outputs = outputsOfPoints(points);
    for (var j = 0u; j < TILE; j++) {
      if (top + k < dims.height && left + j < dims.width) {
        let at = ((image + top + k) * dims.width + left + j) * dims.yStride + dims.yFirst + m;
        var sum = start + outputs[j];
        if (dims.accumulate == 1) { sum += y[at]; }
        y[at] = gated(rectified(sum), at);
      }
    }
  }
}
