// From stored pixels to a network's input, as in Caffe's data transformer.
//
//   y[n, r, t] = scale (pixel - mean), both at row offsetY + r and at column offsetX + t, or offsetX + size - 1 - t where mirrored
//
// pixels: [images, height, width], bytes blue | green << 8 | red << 16; placement: (offsetY, offsetX, mirror, 0) an image, `first` being the
// image that the window begins with; mean: [height, width] (or one value: strides 0) of (blue, green, red, 0); y: [images, size, size] likewise.
// Offsets are drawn back to the image's edge, so that nothing is read outside. One invocation per pixel of y.

struct Dims { count: u32, first: u32, height: u32, width: u32, size: u32, meanRow: u32, meanColumn: u32, scale: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read> placement: array<vec4u>;
@group(0) @binding(3) var<storage, read> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let t = i % dims.size;
  let r = i / dims.size % dims.size;
  let n = i / (dims.size * dims.size);

  let place = placement[dims.first + n];
  let row = min(place.x, dims.height - dims.size) + r;
  let column = min(place.y, dims.width - dims.size) + select(t, dims.size - 1 - t, place.z != 0);
  let pixel = pixels[(n * dims.height + row) * dims.width + column];
  let bytes = vec3u(pixel, pixel >> 8, pixel >> 16) & vec3u(0xff);
  y[i] = dims.scale * vec4f(vec3f(bytes) - mean[row * dims.meanRow + column * dims.meanColumn].xyz, 0);
}
