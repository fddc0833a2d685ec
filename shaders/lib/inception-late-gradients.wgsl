// Which of both gradients that were loaded a tile needs.
fn chooseLoaded() {
  for (var u = 0u; u < B_LOADS; u++) { b[u] = select(others[u], b[u], branch == 0); }
}
