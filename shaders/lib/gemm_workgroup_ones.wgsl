// Tensors of gemm_workgroup.wgsl element by element, for shapes that do not divide by 4.

alias Vector = f32;
const VECTOR: u32 = 1;
fn vectorOf(four: vec4f, j: u32) -> Vector { return four[j]; }
