// The gradient of a ReLU, given its output: nothing passes where it is 0. A part of gradient kernels; Vector is their
// element. Where nothing is gated the variable is bound to something else, and not read: one kernel compiles sooner than two.

@group(0) @binding(8) var<storage, read> gate: array<Vector>;

fn gated(gradient: Vector, i: u32) -> Vector { return select(Vector(0), gradient, gate[i] > Vector(0)); }
