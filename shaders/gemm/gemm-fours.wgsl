// What the tensors of a matrix product are made of: four elements at once.

alias Vector = vec4f;
const VECTOR: u32 = 4;
fn partOf(four: vec4f, _at: u32) -> Vector { return four; }
fn elementOf(four: Vector, at: u32) -> f32 { return four[at]; }
