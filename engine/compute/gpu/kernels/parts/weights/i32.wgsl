//! use weights/one_by_one
fn weight_at(row: u32, column: u32) -> f32 { return f32(bitcast<i32>(weights_aligned_word(row + 4u * column))); }
