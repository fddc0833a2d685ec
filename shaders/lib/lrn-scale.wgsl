// The scale of local response normalisation at a channel of the pixel that begins at `row`, by dims.size, k and alpha:
// k + alpha / size * sum of x[row + i]^2 over the `size` channels i around it.

fn scaleAt(row: u32, channel: u32) -> f32 {
  let reach = dims.size / 2;
  var squares = 0.0;
  for (var c = max(channel, reach) - reach; c <= min(channel + reach, dims.channels - 1); c++) {
    squares += x[row + c] * x[row + c];
  }
  return dims.k + dims.alpha / f32(dims.size) * squares;
}
