@group(0) @binding(7) var<storage, read> addend: array<Vector>;
fn withAddend(sum: Vector, i: u32) -> Vector { return sum + addend[i]; }
