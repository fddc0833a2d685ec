// The number of taps of a window that count in a mean: those in the image or, with countPad, those not beyond the padding.

fn divisorOf(oy: u32, ox: u32) -> f32 {
  let rows = tapsOf(oy * dims.strideY, dims.kh, dims.dilationY, dims.height, dims.top, dims.bottom);
  let columns = tapsOf(ox * dims.strideX, dims.kw, dims.dilationX, dims.width, dims.left, dims.right);
  return f32(rows * columns);
}

// Taps along one axis; `start` counts from the edge of the padding.
fn tapsOf(start: u32, taps: u32, dilation: u32, extent: u32, before: u32, after: u32) -> u32 {
  let first = select(before, 0u, dims.countPad == 1);
  let end = before + extent + select(0u, after, dims.countPad == 1);
  var count = 0u;
  for (var tap = 0u; tap < taps; tap++) {
    let at = start + tap * dilation;
    if (at >= first && at < end) { count++; }
  }
  return count;
}
