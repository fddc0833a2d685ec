fn biasOf(output: u32) -> f32 { return 0; }
