// Tensors of gemm/gemm-workgroup.wgsl element by element, for shapes that do not divide by 4.

alias Vector = f32;
const VECTOR: u32 = 1;
fn partOf(four: vec4f, at: u32) -> Vector { return four[at]; }
fn elementOf(one: Vector, _at: u32) -> f32 { return one; }
fn layAcross(first: u32, u: u32, one: Vector) {
  let line = first + lineOf(u, false);
  tile[0][invocation / ACROSS][line / 4][line & 3] = one;
}
