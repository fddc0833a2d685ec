// A flat index taken apart, fastest axis first. One division each, where `%` and `/` would make two: processors divide lane by lane.

struct Split { rest: u32, whole: u32 }

fn split(index: u32, extent: u32) -> Split {
  let whole = index / extent;
  return Split(index - whole * extent, whole);
}
