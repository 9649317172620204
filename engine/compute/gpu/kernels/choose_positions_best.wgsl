// The best blocks of a list, by the scores of their positions, of equal ones the earlier. A group takes a list of a row.
//! parameters rows: u32, lists: u32, count: u32, block: u32, latest: u32, stride: u32
//! reads scores: u32
//! writes best: u32
//! writes blocks: f32
//! use best/in_order

/// A block's score is the best of those of its positions that the row sees; the latest are beyond all others.
fn score_of(begin: u32, block: u32, position: u32) -> u32 {
  if (position / parameters.block - block < parameters.latest) { return 0xFFFFFFFFu; }
  var score = 0u;
  let end = min((block + 1u) * parameters.block, position + 1u);
  for (var i = block * parameters.block; i < end; i++) { score = max(score, scores(begin + i)); }
  return score;
}

fn score_at(begin: u32, block: u32) -> u32 { return best(begin + block); }
fn take(begin: u32, block: u32, place: u32) { set_blocks(place, f32(block)); }

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = parameters.rows + 3u * group.y;
  let position = step_data[row + 1u];
  let begin = (group.y * parameters.lists + group.x) * parameters.stride;
  let end = position / parameters.block + 1u;
  for (var block = thread; block < end; block += 256u) {
    set_best(begin + block, score_of(begin, block, position));
  }
  let list = (step_data[row] * parameters.lists + group.x) * parameters.count;
  take_best(begin, 0u, end, parameters.count, list, thread);
}
