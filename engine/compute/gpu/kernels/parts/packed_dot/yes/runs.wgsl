// A run: as many eighths of a row of weights as share a scale and a minimum (RUN, of parts/weights). What is multiplied
// in it are integers, of which no sum is beyond 32 * 128 * 127, so that floats hold them all.
const RUNS = 4u / RUN;  // of a segment
const ONES = 0x01010101u;
