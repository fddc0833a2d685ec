// Which of both gradients that were loaded belongs to an invocation's outputs.
fn chooseLoaded() {
  for (var u = 0u; u < A_LOADS; u++) { a[u] = select(others[u], a[u], isFirst); }
}
