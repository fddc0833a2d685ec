// Columns of the three 1 x 1 convolutions of an inception module, one after the other: which of them a tile belongs to, and a lane's columns of it, in
// fours. Those beyond the last repeat it and are not stored.

var<private> branch: u32;
var<private> outputs: u32; // of that one, in fours
var<private> column: array<u32, COLUMNS>;
var<private> columnInside: array<bool, COLUMNS>;

fn openBranch(firstColumn: u32) {
  let tile = firstColumn / (4 * COLUMNS * COLUMN_LANES);
  branch = select(0u, 1u, tile >= dims.firstTile1) + select(0u, 1u, tile >= dims.firstTile2);
  outputs = array(dims.outputs0, dims.outputs1, dims.outputs2)[branch] / 4;
  let first = (tile - array(0, dims.firstTile1, dims.firstTile2)[branch]) * COLUMNS * COLUMN_LANES;
  for (var j = 0u; j < COLUMNS; j++) {
    let four = first + j * COLUMN_LANES + lane % COLUMN_LANES;
    columnInside[j] = four < outputs;
    column[j] = min(four, outputs - 1);
  }
}
