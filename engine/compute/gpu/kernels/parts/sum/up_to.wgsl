// The sum of a value over all threads of a group of 256 up to this one. That of all is sums_up_to[255] until the next
// such sum.
var<workgroup> sums_up_to: array<u32, 256>;

fn sum_up_to(value: u32, thread: u32) -> u32 {
  workgroupBarrier();
  sums_up_to[thread] = value;
  for (var distance = 1u; distance < 256u; distance *= 2u) {
    workgroupBarrier();
    var before = 0u;
    if (thread >= distance) { before = sums_up_to[thread - distance]; }
    workgroupBarrier();
    sums_up_to[thread] += before;
  }
  workgroupBarrier();
  return sums_up_to[thread];
}
