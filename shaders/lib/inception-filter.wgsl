// Where the filter of a branch of an inception module begins.
fn filterAt() -> u32 { return array(dims.filter0At, dims.filter1At, dims.filter2At)[branch]; }
