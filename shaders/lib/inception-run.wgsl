// The run of columns, those of one of the three 1 x 1 convolutions of an inception module, that a column among all belongs to.

var<private> branch: u32;

fn runStart() -> u32 { return array(0, dims.outputs0, dims.outputs0 + dims.outputs1)[branch]; }
fn inRun(column: u32) -> u32 {
  branch = select(0u, 1u, column >= dims.outputs0) + select(0u, 1u, column >= dims.outputs0 + dims.outputs1);
  return column - runStart();
}
