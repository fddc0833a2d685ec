// The biases of several sums, for joined-sums.wgsl: those of each begin at `biasAt` in a stretch of memory that holds all.
@group(0) @binding(4) var<storage, read> biases: array<f32>;
fn biasOf(output: u32) -> f32 { return biases[dims.biasAt + output]; }
