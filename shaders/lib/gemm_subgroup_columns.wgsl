// A lane's columns, in fours; those beyond the last repeat it and are not stored.
@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;
var<private> column: array<u32, COLUMNS>;
var<private> columnInside: array<bool, COLUMNS>;

fn openColumns(firstColumn: u32) {
  for (var j = 0u; j < COLUMNS; j++) {
    let fours = firstColumn / 4 + j * LANES + lane;
    columnInside[j] = fours < dims.columns / 4;
    column[j] = min(fours, dims.columns / 4 - 1);
  }
}
