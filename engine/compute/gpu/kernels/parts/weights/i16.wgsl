//! use weights/one_by_one
//! use weights/words
fn weight_at(row: u32, column: u32) -> f32 { return f32(i32(weights_short(row + 2u * column) << 16u) >> 16u); }
