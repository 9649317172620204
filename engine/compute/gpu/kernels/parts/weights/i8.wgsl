//! use weights/one_by_one
//! use weights/words
fn weight_at(row: u32, column: u32) -> f32 { return f32(i32(weights_byte(row + column) << 24u) >> 24u); }
