// Columns of gemm/gemm-workgroup.wgsl that are one run: the first of a tile, where they end, and where they lie among all.

fn firstColumn(columnTile: u32) -> u32 { return columnTile * COLUMNS; }
fn columnsEnd() -> u32 { return dims.columns; }
fn runStart() -> u32 { return 0; }
