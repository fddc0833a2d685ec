// The square of a value's distance from its channel's mean.

@group(0) @binding(3) var<storage, read> mean: array<Vector>;

fn term(at: u32, channel: u32) -> Vector {
  let deviation = x[at] - mean[channel];
  return deviation * deviation;
}
