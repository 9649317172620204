// -127 -104 -83 -65 -49 -35 -22 -10 1 13 25 38 53 69 89 113
const LEVELS = vec4u(0xBFAD9881u, 0xF6EADDCFu, 0x26190D01u, 0x71594535u);
//! use weights/levels
