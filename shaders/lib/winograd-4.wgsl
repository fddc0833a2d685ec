// F(4x4, 3x3): tiles of 4 x 4 outputs from 6 x 6 inputs, 36 products instead of 144 (Lavin and Gray 2015, arXiv:1509.09308, section 4.2).
//
//         4  0 -5  0  1  0           1/4    0     0
//         0 -4 -4  1  1  0          -1/6  -1/6  -1/6           1  1  1  1  1  0
//   B^T = 0  4 -4 -1  1  0     G =  -1/6   1/6  -1/6     A^T = 0  1 -1  2 -2  0
//         0 -2 -1  2  1  0          1/24  1/12   1/6           0  1  1  4  4  0
//         0  2 -1 -2  1  0          1/24 -1/12   1/6           0  1 -1  8 -8  1
//         0  4  0 -5  0  1            0     0     1

const TILE: u32 = 4;
const POINTS: u32 = 6;

fn pointsOfFilter(g: array<Vector, 3>) -> array<Vector, POINTS> {
  let ones = g[0] + g[2];
  let twos = (1.0 / 24) * g[0] + (1.0 / 6) * g[2];
  let odd = (1.0 / 12) * g[1];
  return array(0.25 * g[0], (-1.0 / 6) * (ones + g[1]), (-1.0 / 6) * (ones - g[1]), twos + odd, twos - odd, g[2]);
}

fn pointsOfInput(d: array<Vector, POINTS>) -> array<Vector, POINTS> {
  let ones = d[4] - 4 * d[2];
  let oddOnes = d[3] - 4 * d[1];
  let twos = d[4] - d[2];
  let oddTwos = 2 * (d[3] - d[1]);
  return array(4 * d[0] - 5 * d[2] + d[4], ones + oddOnes, ones - oddOnes, twos + oddTwos, twos - oddTwos, 4 * d[1] - 5 * d[3] + d[5]);
}

fn outputsOfPoints(m: array<Vector, POINTS>) -> array<Vector, TILE> {
  let ones = m[1] + m[2];
  let oddOnes = m[1] - m[2];
  let twos = m[3] + m[4];
  let oddTwos = m[3] - m[4];
  return array(m[0] + ones + twos, oddOnes + 2 * oddTwos, ones + 4 * twos, oddOnes + 8 * oddTwos + m[5]);
}
