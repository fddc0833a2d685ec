// What the tensors of a matrix product are made of where a shape does not divide by 4: single elements.

alias Vector = f32;
const VECTOR: u32 = 1;
fn partOf(four: vec4f, at: u32) -> Vector { return four[at]; }
fn elementOf(one: Vector, _at: u32) -> f32 { return one; }
