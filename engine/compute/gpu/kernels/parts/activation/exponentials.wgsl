// Functions made of e^x that neither overflow nor lose their small results.

fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

// ln(1 + e^x). With s = e / (2 + e), ln(1 + e) = 2 (s + s^3 / 3 + s^5 / 5 + ...), where e is at most 1 and s^2 at
// most 1/9: behind seven terms that is less than 2^-25 of the sum.
fn softplus(x: f32) -> f32 {
  let e = exp(-abs(x));
  let s = e / (2.0 + e);
  let square = s * s;
  var sum = 1.0 / 13.0;
  sum = fma(sum, square, 1.0 / 11.0);
  sum = fma(sum, square, 1.0 / 9.0);
  sum = fma(sum, square, 1.0 / 7.0);
  sum = fma(sum, square, 1.0 / 5.0);
  sum = fma(sum, square, 1.0 / 3.0);
  sum = fma(sum, square, 1.0);
  return max(x, 0.0) + 2.0 * s * sum;
}

// e^x - 1 for x up to 0. Near 0 by its series, whose seventh term is less than 2^-22 of the sum there.
fn exponential_less_one(x: f32) -> f32 {
  if (x < -0.3) { return exp(x) - 1.0; }
  return x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0)))));
}

// Near 0 by its series, whose fourth term is less than 2^-24 of the sum there: WGSL's own may be off by 1e-5.
fn hyperbolic_tangent(x: f32) -> f32 {
  let square = x * x;
  if (square < 0.01) { return x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0))); }
  let e = exp(-2.0 * abs(x));
  return sign(x) * (1.0 - e) / (1.0 + e);
}
