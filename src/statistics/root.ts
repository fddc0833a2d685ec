// The root of an increasing function.

/** Where the increasing function `f` crosses 0 between `low` and `high`, to the last bit, by halving; an end where it does not cross. */
export function rootOf(f: (x: number) => number, low: number, high: number): number {
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
}
