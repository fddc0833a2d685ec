@group(0) @binding(6) var<storage, read_write> correctTotal: array<f32>;
fn addCorrect(correct: f32) { correctTotal[0] += correct; }
