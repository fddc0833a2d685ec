// Smallest and largest value of each channel of a tensor, and of all of them, for the colours of draw.wgsl: nothing is read back.

struct Region {
  channels: u32, rows: u32, columns: u32, first: u32,
  channelStride: u32, rowStride: u32, columnStride: u32, colourStride: u32,
}

struct Range { least: f32, most: f32 }

@group(0) @binding(0) var<uniform> region: Region;
@group(0) @binding(1) var<storage, read> values: array<f32>;
/** One range for each channel; then that of all channels; then the number of the channel with the largest value, as `least`. */
@group(0) @binding(2) var<storage, read_write> ranges: array<Range>;

const LANES = 64u;
var<workgroup> least: array<f32, LANES>;
var<workgroup> most: array<f32, LANES>;
var<workgroup> best: array<u32, LANES>;

/** Reduces the lanes to lane 0. */
fn reduce(lane: u32) {
  for (var half = LANES / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (lane < half) {
      least[lane] = min(least[lane], least[lane + half]);
      if (most[lane + half] > most[lane]) {
        most[lane] = most[lane + half];
        best[lane] = best[lane + half];
      }
    }
  }
}

/** One workgroup for each channel. */
@compute @workgroup_size(LANES)
fn channel(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let start = region.first + group.x * region.channelStride;
  let planes = select(1u, 3u, region.colourStride > 0);
  least[lane] = values[start];
  most[lane] = values[start];
  for (var i = lane; i < planes * region.rows * region.columns; i += LANES) {
    let plane = i / (region.rows * region.columns);
    let pixel = i % (region.rows * region.columns);
    let at = start + plane * region.colourStride + (pixel / region.columns) * region.rowStride + (pixel % region.columns) * region.columnStride;
    least[lane] = min(least[lane], values[at]);
    most[lane] = max(most[lane], values[at]);
  }
  reduce(lane);
  if (lane == 0) { ranges[group.x] = Range(least[0], most[0]); }
}

/** One workgroup, after `channel`. */
@compute @workgroup_size(LANES)
fn all(@builtin(local_invocation_index) lane: u32) {
  least[lane] = ranges[0].least;
  most[lane] = ranges[0].most;
  best[lane] = 0;
  for (var c = lane; c < region.channels; c += LANES) {
    least[lane] = min(least[lane], ranges[c].least);
    if (ranges[c].most > most[lane]) {
      most[lane] = ranges[c].most;
      best[lane] = c;
    }
  }
  reduce(lane);
  if (lane == 0) {
    ranges[region.channels] = Range(least[0], most[0]);
    ranges[region.channels + 1] = Range(f32(best[0]), 0);
  }
}
