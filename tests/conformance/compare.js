// How far two sets of logits are apart.

function maximum(row) {
  let best = -Infinity;
  for (const value of row) best = Math.max(best, value);
  return best;
}

function softmax(row) {
  const highest = maximum(row);
  const weights = Float64Array.from(row, (value) => Math.exp(value - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function divergence(p, q) {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) sum += p[i] * Math.log(p[i] / Math.max(q[i], 1e-300));
  return sum;
}

/// The best token and how far its logit is above the second best.
export function best(row) {
  let first = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[first]) first = i;
  let margin = Infinity;
  for (let i = 0; i < row.length; i++) if (i !== first) margin = Math.min(margin, row[first] - row[i]);
  return { token: first, margin };
}

/// Of the angle between two vectors; no number where one has no direction.
export function cosine(a, b) {
  const product = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/// `ours` against `theirs`, row by row:
///   difference  the largest absolute difference of two logits
///   relative    root mean square of the differences over that of their logits (mean taken off), over all rows
///   divergence  the largest Kullback-Leibler divergence of our next-token distribution from theirs, in nats
export function compareLogits(ours, theirs) {
  if (ours.length !== theirs.length || ours[0].length !== theirs[0].length) {
    throw new Error(`shapes differ: ${ours.length} x ${ours[0]?.length} and ${theirs.length} x ${theirs[0]?.length}`);
  }
  const result = { difference: 0, relative: 0, divergence: 0 };
  let squares = 0;
  let scale = 0;
  theirs.forEach((row, at) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    row.forEach((value, i) => {
      const difference = ours[at][i] - value;
      // Not Math.max alone: it must not let a NaN pass.
      if (!(Math.abs(difference) <= result.difference)) result.difference = Math.abs(difference);
      squares += difference * difference;
      scale += (value - mean) ** 2;
    });
    result.divergence = Math.max(result.divergence, divergence(softmax(row), softmax(ours[at])));
  });
  result.relative = Math.sqrt(squares / scale);
  return result;
}
