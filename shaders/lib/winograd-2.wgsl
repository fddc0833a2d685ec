// F(2x2, 3x3): tiles of 2 x 2 outputs from 4 x 4 inputs, 16 products instead of 36 (Lavin and Gray 2015, arXiv:1509.09308, section 4.1).
//
//         1  0 -1  0           1    0    0
//   B^T = 0  1  1  0     G =  1/2  1/2  1/2     A^T = 1  1  1  0
//         0 -1  1  0          1/2 -1/2  1/2           0  1 -1 -1
//         0  1  0 -1           0    0    1

const TILE: u32 = 2;
const POINTS: u32 = 4;

fn pointsOfFilter(g: array<Vector, 3>) -> array<Vector, POINTS> {
  let outer = 0.5 * (g[0] + g[2]);
  let inner = 0.5 * g[1];
  return array(g[0], outer + inner, outer - inner, g[2]);
}

fn pointsOfInput(d: array<Vector, POINTS>) -> array<Vector, POINTS> {
  return array(d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]);
}

fn outputsOfPoints(m: array<Vector, POINTS>) -> array<Vector, TILE> {
  return array(m[0] + m[1] + m[2], m[1] - m[2] - m[3]);
}
