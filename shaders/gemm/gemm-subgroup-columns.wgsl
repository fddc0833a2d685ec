// What all passes of gemm/gemm-subgroup.wgsl share: a lane's columns, in fours. Those beyond the last repeat it and are not stored.

var<private> column: array<u32, COLUMNS>;
var<private> columnInside: array<bool, COLUMNS>;

fn openColumns(firstColumn: u32) {
  for (var j = 0u; j < COLUMNS; j++) {
    let four = firstColumn / 4 + j * COLUMN_LANES + lane % COLUMN_LANES;
    columnInside[j] = four < dims.columns / 4;
    column[j] = min(four, dims.columns / 4 - 1);
  }
}
