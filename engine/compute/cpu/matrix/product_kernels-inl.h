// The kernels of one instruction set, from its vectors (integers_*-inl.h) to its find_product(). Included
// once by each product_*.cpp after those; everything has internal linkage, so that each has its own copy.

// Each of these builds on those before it.
// clang-format off
#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/cpu/matrix/unpack-inl.h"
#include "engine/compute/cpu/matrix/unpack_32-inl.h"
#include "engine/compute/cpu/matrix/unpack_256-inl.h"
#include "engine/compute/cpu/matrix/unpack_iq-inl.h"
#include "engine/compute/cpu/matrix/panel_form-inl.h"
#if defined(HEARTH_MMLA_GROUPS)
#include "engine/compute/cpu/matrix/mmla_groups-inl.h"
#elif defined(HEARTH_LANE_GROUPS)
#include "engine/compute/cpu/matrix/lane_groups-inl.h"
#elif defined(HEARTH_WIDE_GROUPS)
#include "engine/compute/cpu/matrix/wide_groups-inl.h"
#elif defined(HEARTH_PAIR_GROUPS)
#include "engine/compute/cpu/matrix/pair_groups-inl.h"
#else
#include "engine/compute/cpu/matrix/dot_groups-inl.h"
#endif
#if defined(HEARTH_PAIR_SUMS)
#include "engine/compute/cpu/matrix/pair_sums_wasm-inl.h"
#else
#include "engine/compute/cpu/matrix/dot_sums-inl.h"
#endif
#include "engine/compute/cpu/matrix/strip_product-inl.h"
#include "engine/compute/cpu/matrix/strip_periods-inl.h"
#include "engine/compute/cpu/matrix/panel_product-inl.h"
#include "engine/compute/cpu/matrix/strips-inl.h"
#include "engine/compute/cpu/matrix/columns_product-inl.h"
#if defined(HEARTH_PIECES)
#include "engine/compute/cpu/matrix/pieces_product-inl.h"
#endif
#include "engine/compute/cpu/matrix/integer_product-inl.h"
#include "engine/compute/cpu/matrix/float_product-inl.h"
#include "engine/compute/cpu/matrix/find_product-inl.h"
#include "engine/compute/cpu/matrix/quantize_vectors-inl.h"
#include "engine/compute/cpu/matrix/quantize_row-inl.h"
