// Whether a value is a number and not infinite, by its bits: a compiler may take for granted that no value is NaN, and leave a comparison out.

fn isFinite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }
