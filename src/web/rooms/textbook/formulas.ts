// Formulas of the textbook's pages as LaTeX, of which the build makes MathML.
export const FORMULAS: Readonly<Record<string, string>> = {
  convolution: String.raw`y_{m,\,i,\,j} = b_m + \sum_{c,\,r,\,t} w_{m,\,c,\,r,\,t}\; x_{c,\; i s - p + r,\; j s - p + t}`,
  sizes: String.raw`o_{\mathrm{conv}} = \lfloor (n + 2p - k) \,/\, s \rfloor + 1, \qquad o_{\mathrm{pool}} = \lceil (n + 2p - k) \,/\, s \rceil + 1`,
  relu: String.raw`y = \max(x,\, 0), \qquad \frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\,[\,x > 0\,]`,
  pooling: String.raw`y_{c,\,i,\,j} = \max_{0 \le r,\,t < k} \; x_{c,\; i s + r,\; j s + t}`,
  lrn: String.raw`b_c = \frac{a_c}{S_c^{\,\beta}}, \qquad S_c = k + \frac{\alpha}{n} \sum_{|i - c| \,\le\, (n-1)/2} a_i^2`,
  products: String.raw`\text{products} = \text{rows} \times \text{columns} \times \text{outputs} \times \text{inputs} \times k^2`,
  softmax: String.raw`p_c = \frac{e^{z_c}}{\sum_i e^{z_i}}, \qquad L = -\log p_l, \qquad \frac{\partial L}{\partial z_c} = p_c - [\,c = l\,]`,
  gradient: String.raw`\frac{\partial L}{\partial w_{m,\,c,\,r,\,t}} = \sum_{i,\,j} \frac{\partial L}{\partial y_{m,\,i,\,j}}\; x_{c,\; i s - p + r,\; j s - p + t}`,
  descent: String.raw`v \leftarrow \mu v + \eta\,(g + \lambda w), \qquad w \leftarrow w - v`,
  starts: String.raw`\mathrm{Var}[y] = n\,\mathrm{Var}[w]\;\mathrm{E}[x^2], \qquad \sigma_{\mathrm{He}} = \sqrt{2 / n}, \qquad \sigma_{\mathrm{Xavier}} = \sqrt{1 / n}`,
  heads: String.raw`L = L_3 + 0.3\,L_1 + 0.3\,L_2`,
  tiles: String.raw`\text{values read per output} = K\,\Big(\frac{1}{T} + \frac{1}{T}\Big)`,
  auc: String.raw`A = \frac{1}{m\,n} \sum_{i=1}^{m} \sum_{j=1}^{n} \psi(x_i, y_j), \qquad \psi = 1,\; \tfrac12,\; 0 \;\text{ for }\; x_i > y_j,\; x_i = y_j,\; x_i < y_j`,
  delong: String.raw`\mathrm{Var}(A) \approx \frac{S_{10}}{m} + \frac{S_{01}}{n}`,
};
