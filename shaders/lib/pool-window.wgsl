// Where pooling windows lie along one axis, by SIZE, STRIDE and dims.pad. Padded coordinates (pixel + pad) keep everything unsigned.

struct Span { first: u32, end: u32 }

// The pixels of a window, clipped to the image.
fn pixelsOf(window: u32, extent: u32) -> Span {
  let start = window * STRIDE;
  return Span(max(start, dims.pad) - dims.pad, min(start + SIZE, extent + dims.pad) - dims.pad);
}

// How many pixels a window has before it is clipped to the image, but within the padding.
fn lengthOf(window: u32, extent: u32) -> u32 {
  let start = window * STRIDE;
  return min(start + SIZE, extent + 2 * dims.pad) - start;
}

// The windows, of `count`, that hold a pixel: those with start <= pixel + pad < start + size.
fn windowsOf(pixel: u32, count: u32) -> Span {
  let at = pixel + dims.pad;
  let before = max(at + 1, SIZE) - SIZE; // no window that starts earlier reaches the pixel
  return Span((before + STRIDE - 1) / STRIDE, min(at / STRIDE + 1, count));
}
