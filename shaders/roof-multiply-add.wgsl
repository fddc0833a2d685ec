// Multiply-adds and nothing else, as fast as an adapter does them: the arithmetic roof that the profiler holds kernels against.
//
//   a <- factor a + step, `rounds` x STEPS times, from a = 0
//
// With factor 1 and step 1 every value ends as the number of its multiply-adds, exactly, and the compiler cannot know it.
// y: [invocations, 4]. One invocation sixteen values, which do not wait for each other.

struct Dims { rounds: u32, factor: f32, step: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

const WORKGROUP: u32 = 64; //#param
const STEPS: u32 = 8; //#param
const CHAINS = 4u;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
  let factor = vec4f(dims.factor);
  let step = vec4f(dims.step);
  var a: array<vec4f, CHAINS>;
  for (var round = 0u; round < dims.rounds; round++) {
    for (var s = 0u; s < STEPS; s++) {
      for (var c = 0u; c < CHAINS; c++) { a[c] = fma(a[c], factor, step); }
    }
  }
  var sum = vec4f();
  for (var c = 0u; c < CHAINS; c++) { sum += a[c]; }
  y[invocation.x] = sum;
}
