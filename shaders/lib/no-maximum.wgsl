fn keepMaximum(_at: u32, _value: vec4f) {}
