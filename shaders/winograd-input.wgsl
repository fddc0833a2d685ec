// Winograd's convolution, second step: tiles of the input as the products see them. Neighbours overlap by two pixels.
//
//   V = B^T d B for every tile and channel:   d[i, j] = x[n, TILE ty - pad + i, TILE tx - pad + j, c], 0 outside the image;   tile = (n, ty, tx)
//
// x: [images, height, width, channels]; V: [tiles, POINTS, POINTS, channels]. Channels and strides count vectors of four. One invocation transforms
// four channels of one tile.

struct Dims {
  count: u32, // tiles * channels
  firstTile: u32, down: u32, across: u32, // of x; tiles of an image along each axis
  height: u32, width: u32, channels: u32, pad: u32,
  xStride: u32, xFirst: u32, // from one pixel of x to the next, and the first of them: it may be some channels of a wider tensor
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> V: array<Vector>;

alias Vector = vec4f;
const WORKGROUP: u32 = 64; //#param

//#slot tile
//#include "lib/winograd-2.wgsl"
//#end
//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let tile = split(i, dims.channels);
  let along = split(dims.firstTile + tile.whole, dims.across);
  let down = split(along.whole, dims.down);
  let c = tile.rest;
  let image = down.whole * dims.height;
  // Above or left of the image is negative, hence huge as u32, hence outside.
  let top = down.rest * TILE - dims.pad;
  let left = along.rest * TILE - dims.pad;

  // Down the columns of the tile, then along its rows.
  var columns: array<array<Vector, POINTS>, POINTS>;
  for (var j = 0u; j < POINTS; j++) {
    let ix = left + j;
    var d: array<Vector, POINTS>;
    for (var k = 0u; k < POINTS; k++) {
      let iy = top + k;
      let inside = iy < dims.height && ix < dims.width;
      let pixelAt = select(0, ((image + iy) * dims.width + ix) * dims.xStride, inside);
      d[k] = select(Vector(), x[pixelAt + dims.xFirst + c], inside);
    }
    columns[j] = pointsOfInput(d);
  }
  for (var p = 0u; p < POINTS; p++) {
    var d: array<Vector, POINTS>;
    for (var j = 0u; j < POINTS; j++) { d[j] = columns[j][p]; }
    d = pointsOfInput(d);
    for (var q = 0u; q < POINTS; q++) { V[((tile.whole * POINTS + p) * POINTS + q) * dims.channels + c] = d[q]; }
  }
}
