// Operations that treat each row, or each element, on its own: see Backend for what each does.
#pragma once

#include <span>

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

void embed(Context& context, const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out);
void norm(Context& context, NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out);
void multiply(Context& context, Tensor x, Vector by);
void add_vector(Context& context, Tensor x, Vector y);
void match_lengths(Context& context, Tensor x, Tensor like);
void keep_largest(Context& context, float deviations, Tensor x);
void activate(Context& context, Activation activation, Tensor x);
void gate(Context& context, Activation activation, Tensor gates, Tensor up, Tensor out);
void add(Context& context, Tensor x, Tensor y);
void add_scaled(Context& context, Tensor x, Tensor y, float scale);
void add_weighted(Context& context, Tensor x, Tensor y, Tensor weights, int64_t column);
void scale(Context& context, float factor, Tensor x);
void soft_cap(Context& context, float cap, Tensor x);
void scale_rows(Context& context, Tensor x, std::span<const float> factors);
void clamp(Context& context, float limit, Tensor x);
void copy_heads(Context& context, const HeadColumns& from, const HeadColumns& to, int64_t count);
void gather_rows(Context& context, Tensor x, std::span<const int32_t> rows, Tensor out);

}  // namespace hearth::cpu
