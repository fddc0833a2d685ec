// Where windows by ONNX's rule lie, by Dims. Tap (r, t) of window (oy, ox) is the pixel (iy, ix).

//#include "lib/split.wgsl"

struct Place { n: u32, row: u32, column: u32, c: u32 }

// Indices of element `i` of [images, rows, columns, channels].
fn placeOf(i: u32, rows: u32, columns: u32) -> Place {
  let channel = split(i, dims.channels);
  let column = split(channel.whole, columns);
  let row = split(column.whole, rows);
  return Place(row.whole, row.rest, column.rest, channel.rest);
}

// The element of [images, height, width, channels] and of [images, oh, ow, channels].
fn pixelAt(n: u32, iy: u32, ix: u32, c: u32) -> u32 { return ((n * dims.height + iy) * dims.width + ix) * dims.channels + c; }
fn windowAt(n: u32, oy: u32, ox: u32, c: u32) -> u32 { return ((n * dims.oh + oy) * dims.ow + ox) * dims.channels + c; }

// The pixel under a tap. Above or left of the image it is negative, hence huge as u32, hence outside.
fn pixelRow(oy: u32, r: u32) -> u32 { return oy * dims.strideY + r * dims.dilationY - dims.top; }
fn pixelColumn(ox: u32, t: u32) -> u32 { return ox * dims.strideX + t * dims.dilationX - dims.left; }

// The window whose tap lies on a pixel: outside the windows, hence at least oh or ow, if there is none.
fn windowRow(iy: u32, r: u32) -> u32 {
  let down = iy + dims.top - r * dims.dilationY; // oy strideY; negative is huge as u32
  return select(dims.oh, down / dims.strideY, down % dims.strideY == 0);
}
fn windowColumn(ix: u32, t: u32) -> u32 {
  let across = ix + dims.left - t * dims.dilationX;
  return select(dims.ow, across / dims.strideX, across % dims.strideX == 0);
}
