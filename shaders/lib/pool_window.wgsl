// Where pooling windows lie along one axis, by the size, stride and pad in `dims`. Padded coordinates (pixel + pad) keep everything unsigned.

struct Span { first: u32, end: u32 }

// The pixels of a window, clipped to the image.
fn pixelsOf(window: u32, extent: u32) -> Span {
  let start = window * dims.stride;
  return Span(max(start, dims.pad) - dims.pad, min(start + dims.size, extent + dims.pad) - dims.pad);
}

// How many pixels a window has before it is clipped to the image, but within the padding.
fn lengthOf(window: u32, extent: u32) -> u32 {
  let start = window * dims.stride;
  return min(start + dims.size, extent + 2 * dims.pad) - start;
}

// The windows, of `count`, that hold a pixel: those with start <= pixel + pad < start + size.
fn windowsOf(pixel: u32, count: u32) -> Span {
  let at = pixel + dims.pad;
  let before = max(at + 1, dims.size) - dims.size; // no window that starts earlier reaches the pixel
  return Span((before + dims.stride - 1) / dims.stride, min(at / dims.stride + 1, count));
}
