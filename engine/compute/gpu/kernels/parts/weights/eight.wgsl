// Eight neighbouring weights of a row.
struct Eight { low: vec4f, high: vec4f }
