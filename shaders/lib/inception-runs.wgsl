// Columns of gemm/gemm-workgroup.wgsl that are three runs, those of the 1 x 1 convolutions of an inception module that share an input. A tile of columns
// belongs to one of them, and counts within it.

//#include "lib/inception-run.wgsl"

fn firstColumn(columnTile: u32) -> u32 {
  branch = select(0u, 1u, columnTile >= dims.firstTile1) + select(0u, 1u, columnTile >= dims.firstTile2);
  return (columnTile - array(0, dims.firstTile1, dims.firstTile2)[branch]) * COLUMNS;
}
fn columnsEnd() -> u32 { return array(dims.outputs0, dims.outputs1, dims.outputs2)[branch]; }
