@group(0) @binding(5) var<storage, read_write> lossTotal: array<f32>;
fn addLoss(loss: f32) { lossTotal[0] += loss; }
