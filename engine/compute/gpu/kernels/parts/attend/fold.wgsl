// Softmax over tiles of positions (Milakov & Gimelshein 2018): of each tile the largest score, the sum of the shares
// beside it and the mix of values by them, and how those of tiles that come one after the other are put together.

/// A score that is none: nothing is further below it than floats reach.
const MASKED = -1.0e38;

/// e^difference, of a score and one that is no smaller. Below -87 there is no normal float for it.
fn share_of(difference: f32) -> f32 { return select(0.0, exp(max(difference, -87.0)), difference > -87.0); }

/// What is known of a query so far.
struct Fold {
  largest: f32,
  sum: f32,
  kept: f32,   // of the mix before
  added: f32,  // of the mix of the tile that came last
}

fn folded(before: Fold, largest: f32, sum: f32) -> Fold {
  let both = max(before.largest, largest);
  let kept = share_of(before.largest - both);
  let added = share_of(largest - both);
  return Fold(both, before.sum * kept + sum * added, kept, added);
}

/// By what the mix of all tiles is multiplied in the end; the sink is one more score, of no value.
fn norm_of(fold: Fold, query_head: u32) -> f32 {
  if (!has_sinks()) { return 1.0 / fold.sum; }
  let all = folded(fold, sinks(query_head), 1.0);
  return all.kept / all.sum;
}
