// The best blocks of a list, by the scores of their positions, of equal ones the earlier: the least score that is
// among them is found digit by digit, of 8 bits, by how many scores have which; then all blocks are gone through in
// their order. A group takes a list of a row.
//! parameters rows: u32, lists: u32, count: u32, block: u32, latest: u32, stride: u32
//! reads scores: u32
//! writes best: u32
//! writes blocks: f32

var<workgroup> counts: array<atomic<u32>, 256>;
var<workgroup> sums: array<u32, 256>;
var<workgroup> found: vec2u;

/// A block's score is the best of those of its positions that the row sees; the latest are beyond all others.
fn score_of(begin: u32, block: u32, position: u32) -> u32 {
  if (position / parameters.block - block < parameters.latest) { return 0xFFFFFFFFu; }
  var score = 0u;
  let end = min((block + 1u) * parameters.block, position + 1u);
  for (var i = block * parameters.block; i < end; i++) { score = max(score, scores(begin + i)); }
  return score;
}

/// The sum over all threads up to this one. Below 65536 each, two at once go in one word.
fn sum_up_to(value: u32, thread: u32) -> u32 {
  workgroupBarrier();
  sums[thread] = value;
  for (var distance = 1u; distance < 256u; distance *= 2u) {
    workgroupBarrier();
    var before = 0u;
    if (thread >= distance) { before = sums[thread - distance]; }
    workgroupBarrier();
    sums[thread] += before;
  }
  workgroupBarrier();
  return sums[thread];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = parameters.rows + 3u * group.y;
  let position = step_data[row + 1u];
  let begin = (group.y * parameters.lists + group.x) * parameters.stride;
  let end = position / parameters.block + 1u;
  for (var block = thread; block < end; block += 256u) {
    set_best(begin + block, score_of(begin, block, position));
  }

  // The digits of the least score so far, and how many blocks are to be taken of those that have these.
  var least = 0u;
  var left = parameters.count;
  for (var digit = 0u; digit < 4u; digit++) {
    let shift = 24u - 8u * digit;
    atomicStore(&counts[thread], 0u);
    workgroupBarrier();
    for (var block = thread; block < end; block += 256u) {
      let score = best(begin + block);
      if (digit == 0u || score >> (shift + 8u) == least) { atomicAdd(&counts[(score >> shift) & 255u], 1u); }
    }
    workgroupBarrier();
    var above = 0u;
    for (var other = thread + 1u; other < 256u; other++) { above += atomicLoad(&counts[other]); }
    if (above < left && above + atomicLoad(&counts[thread]) >= left) { found = vec2u(thread, left - above); }
    let next = workgroupUniformLoad(&found);
    least = (least << 8u) | next.x;
    left = next.y;
  }

  // Blocks above the least score so far in the low half of a word, those that equal it in the high one.
  var above = 0u;
  var equal = 0u;
  for (var first = 0u; first < end; first += 256u) {
    let block = first + thread;
    var own = 0u;
    if (block < end) {
      let score = best(begin + block);
      own = select(0u, 1u, score > least) | select(0u, 0x10000u, score == least);
    }
    let all = sum_up_to(own, thread);
    let above_before = above + (all & 0xFFFFu) - (own & 0xFFFFu);
    let equal_before = equal + (all >> 16u) - (own >> 16u);
    if ((own & 0xFFFFu) > 0u || (own > 0u && equal_before < left)) {
      let list = (step_data[row] * parameters.lists + group.x) * parameters.count;
      set_blocks(list + above_before + min(equal_before, left), f32(block));
    }
    above += sums[255] & 0xFFFFu;
    equal += sums[255] >> 16u;
  }
}
