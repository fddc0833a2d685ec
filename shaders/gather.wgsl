// Copies a box of a strided array to where it lies without gaps, for reading a few values of a large tensor back:
//
//   y[into + (a * extent1 + b) * extent2 + c] = x[first + a * stride0 + b * stride1 + c * stride2]
//
// x: any shape, of which the box is part; count: elements of the box. One invocation per element.

struct Dims { count: u32, into: u32, first: u32, extent1: u32, extent2: u32, stride0: u32, stride1: u32, stride2: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
  let i = invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.extent2;
  let b = i / dims.extent2 % dims.extent1;
  let a = i / dims.extent2 / dims.extent1;
  y[dims.into + i] = x[dims.first + a * dims.stride0 + b * dims.stride1 + c * dims.stride2];
}
