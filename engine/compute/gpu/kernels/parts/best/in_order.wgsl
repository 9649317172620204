// take_best: takes the `count` best of those from first to end - 1 by their scores, of equal ones the earlier, in their
// order: with take(base, i, to) the first, with take(base, i, to + 1) the next. A kernel has
//   fn score_at(base: u32, i: u32) -> u32    and    fn take(base: u32, i: u32, place: u32)
// The least score that is among the best is found digit by digit, of 8 bits, by how many scores have which; then all
// are gone through in their order. They are fewer than 65536, so that two counts go in one word.
//! use sum/up_to

var<workgroup> counts: array<atomic<u32>, 256>;
var<workgroup> found: vec2u;

fn take_best(base: u32, first: u32, end: u32, count: u32, to: u32, thread: u32) {
  // The digits of the least score so far, and how many are to be taken of those that have these.
  var least = 0u;
  var left = count;
  for (var digit = 0u; digit < 4u && end - first > count; digit++) {
    let shift = 24u - 8u * digit;
    atomicStore(&counts[thread], 0u);
    workgroupBarrier();
    for (var i = first + thread; i < end; i += 256u) {
      let score = score_at(base, i);
      if (digit == 0u || score >> (shift + 8u) == least) { atomicAdd(&counts[(score >> shift) & 255u], 1u); }
    }
    workgroupBarrier();
    let own = atomicLoad(&counts[thread]);
    let up_to = sum_up_to(own, thread);
    let above = sums_up_to[255] - up_to;
    if (above < left && above + own >= left) { found = vec2u(thread, left - above); }
    let next = workgroupUniformLoad(&found);
    least = (least << 8u) | next.x;
    left = next.y;
  }

  // Those above the least score so far in the low half of a word, those that equal it in the high one.
  var above = 0u;
  var equal = 0u;
  for (var begin = first; begin < end; begin += 256u) {
    let i = begin + thread;
    var own = 0u;
    if (i < end) {
      let score = score_at(base, i);
      own = select(0u, 1u, score > least) | select(0u, 0x10000u, score == least);
    }
    let all = sum_up_to(own, thread);
    let above_before = above + (all & 0xFFFFu) - (own & 0xFFFFu);
    let equal_before = equal + (all >> 16u) - (own >> 16u);
    if ((own & 0xFFFFu) > 0u || (own > 0u && equal_before < left)) {
      take(base, i, to + above_before + min(equal_before, left));
    }
    above += sums_up_to[255] & 0xFFFFu;
    equal += sums_up_to[255] >> 16u;
  }
}
