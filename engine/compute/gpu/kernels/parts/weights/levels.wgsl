// Sixteen levels by four bits: LEVELS has them as signed bytes, the first in the lowest.
fn level(code: u32) -> u32 {
  let half = select(LEVELS.xy, LEVELS.zw, (code & 8u) != 0u);
  return (select(half.x, half.y, (code & 4u) != 0u) >> (8u * (code & 3u))) & 0xFFu;
}

fn four_levels(codes: u32) -> u32 {
  return level(codes) | (level(codes >> 8u) << 8u) | (level(codes >> 16u) << 16u) | (level(codes >> 24u) << 24u);
}

fn levels(codes: vec2u) -> vec2u { return vec2u(four_levels(codes.x), four_levels(codes.y)); }
