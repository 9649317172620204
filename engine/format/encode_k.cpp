// Super-blocks whose sub-blocks have integers times the super-block's scale for their own scale (and
// minimum): the K types and IQ4_XS. First each sub-block gets its best scale as a real number, then that is
// rounded. Of the integers around it the best is taken, by the error of the elements as they will be decoded;
// then the super-block's scale is fitted to these, and so on for as long as the error falls.
#include <cstring>
#include <limits>

#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"
#include "engine/format/fit.h"

namespace hearth {
namespace {

constexpr int kMostRefits = 1;

template <typename Code>
struct Choice {
  Code code;
  float error;
};

// Of so many codes, those that `code_of` has by number, the one with the least error, the first of equal
// ones; `guess` where no error is a number. `errors_of` tells those of kLanes codes.
template <int kCandidates, typename Code, typename CodeOf, typename ErrorsOf>
Choice<Code> best_code(const Code& guess, const CodeOf& code_of, const ErrorsOf& errors_of) {
  Choice<Code> best{guess, std::numeric_limits<float>::infinity()};
  for (int first = 0; first < kCandidates; first += kLanes) {
    std::array<Code, kLanes> codes;
    for (int k = 0; k < kLanes; ++k) codes[k] = code_of(first + k);
    const Lanes errors = errors_of(codes);
    for (int k = 0; k < kLanes; ++k) {
      if (errors[k] < best.error) best = {codes[k], errors[k]};
    }
  }
  return best;
}

// Sub-blocks with a scale and a minimum, each an integer in [0, kHighestCode]; elements are in [0, kHighest].
template <int kSubBlocks, int kHighest, int kHighestCode>
class FittedLines {
 public:
  FittedLines(const float* values, const float* weights) : values_(values), weights_(weights) {
    std::array<Line, kSubBlocks> lines;
    Line largest{0.0F, 0.0F};
    for (int i = 0; i < kSubBlocks; ++i) {
      lines[i] = fit_line({values + i * kWidth, kWidth}, weights + i * kWidth, kHighest);
      largest.scale = std::max(largest.scale, lines[i].scale);
      largest.minimum = std::max(largest.minimum, lines[i].minimum);
    }
    fitted_.d = f32_to_f16(largest.scale / kHighestCode);
    fitted_.dmin = f32_to_f16(largest.minimum / kHighestCode);
    const float inverse_d = inverse_or_zero(f16_to_f32(fitted_.d));
    const float inverse_dmin = inverse_or_zero(f16_to_f32(fitted_.dmin));
    for (int i = 0; i < kSubBlocks; ++i) {
      fitted_.codes[i] = {nearest_within(lines[i].scale * inverse_d, 0, kHighestCode),
                          nearest_within(lines[i].minimum * inverse_dmin, 0, kHighestCode)};
    }
    choose_codes(fitted_);
    for (int refit = 0; refit < kMostRefits; ++refit) {
      Fitted next = refitted();
      choose_codes(next);
      if (!(next.error < fitted_.error)) break;
      fitted_ = next;
    }
  }

  uint16_t d() const { return fitted_.d; }
  uint16_t dmin() const { return fitted_.dmin; }
  ScaleAndMinimum code(int sub_block) const { return fitted_.codes[sub_block]; }

  int level(int element) const { return static_cast<int>(fitted_.levels[element]); }

 private:
  static constexpr int kWidth = kSuperBlock / kSubBlocks;

  struct Fitted {
    uint16_t d = 0;
    uint16_t dmin = 0;
    std::array<ScaleAndMinimum, kSubBlocks> codes;
    std::array<float, kSuperBlock> levels;
    float error = 0.0F;
  };

  void choose_codes(Fitted& fitted) const {
    fitted.error = 0.0F;
    for (int i = 0; i < kSubBlocks; ++i) choose_code(fitted, i);
  }

  // Of the pairs around the one that is there, the pair with the least error.
  void choose_code(Fitted& fitted, int sub_block) const {
    const ScaleAndMinimum guess = fitted.codes[sub_block];
    const auto [code, error] = best_code<kSteps.size()>(
        guess, [&](int number) { return neighbour(guess, number); },
        [&](const auto& codes) { return errors_of(fitted, sub_block, codes); });
    fitted.codes[sub_block] = code;
    fitted.error += error;
    const auto values = std::span(values_, kSuperBlock).subspan(sub_block * kWidth, kWidth);
    const Line line = line_of(fitted, code);
    round_on_line(values, line.minimum, inverse_or_zero(line.scale), kHighest,
                  fitted.levels.data() + sub_block * kWidth);
  }

  static constexpr std::array<ScaleAndMinimum, 12> kSteps = {{{0, 0},
                                                              {0, -1},
                                                              {0, 1},
                                                              {-1, -1},
                                                              {-1, 0},
                                                              {-1, 1},
                                                              {1, -1},
                                                              {1, 0},
                                                              {1, 1},
                                                              {0, -2},
                                                              {0, 2},
                                                              {1, 2}}};

  static ScaleAndMinimum neighbour(ScaleAndMinimum guess, int number) {
    return {std::clamp(guess.scale + kSteps[number].scale, 0, kHighestCode),
            std::clamp(guess.minimum + kSteps[number].minimum, 0, kHighestCode)};
  }

  static Line line_of(const Fitted& fitted, const ScaleAndMinimum& code) {
    return {f16_to_f32(fitted.d) * static_cast<float>(code.scale),
            f16_to_f32(fitted.dmin) * static_cast<float>(code.minimum)};
  }

  Lanes errors_of(const Fitted& fitted, int sub_block,
                  const std::array<ScaleAndMinimum, kLanes>& codes) const {
    Lanes scales;
    Lanes minima;
    Lanes inverses;
    for (int k = 0; k < kLanes; ++k) {
      const Line line = line_of(fitted, codes[k]);
      scales[k] = line.scale;
      minima[k] = line.minimum;
      inverses[k] = inverse_or_zero(line.scale);
    }
    Lanes errors{};
    for (int i = sub_block * kWidth; i < (sub_block + 1) * kWidth; ++i) {
      const Lanes levels = round_lanes((values_[i] + minima) * inverses, 0.0F, kHighest);
      const Lanes difference = scales * levels - minima - values_[i];
      errors += weights_[i] * difference * difference;
    }
    return errors;
  }

  // The least-squares d and dmin for the codes and levels that there are: x is near d * a - dmin * b.
  Fitted refitted() const {
    float aa = 0.0F;
    float ab = 0.0F;
    float bb = 0.0F;
    float ax = 0.0F;
    float bx = 0.0F;
    for (int i = 0; i < kSuperBlock; ++i) {
      const ScaleAndMinimum& code = fitted_.codes[i / kWidth];
      const auto a = static_cast<float>(code.scale) * fitted_.levels[i];
      const auto b = static_cast<float>(code.minimum);
      aa += weights_[i] * a * a;
      ab += weights_[i] * a * b;
      bb += weights_[i] * b * b;
      ax += weights_[i] * a * values_[i];
      bx += weights_[i] * b * values_[i];
    }
    Fitted next = fitted_;
    const float determinant = aa * bb - ab * ab;
    if (determinant > 0.0F) {
      next.d = f32_to_f16(std::max(0.0F, (ax * bb - ab * bx) / determinant));
      next.dmin = f32_to_f16(std::max(0.0F, (ax * ab - aa * bx) / determinant));
    } else if (aa > 0.0F) {
      next.d = f32_to_f16(std::max(0.0F, ax / aa));
    }
    return next;
  }

  const float* values_;
  const float* weights_;
  Fitted fitted_;
};

// Sub-blocks with a scale alone, an integer in [kLowestCode, -kLowestCode - 1]; elements are what `Levels`
// rounds to.
template <int kSubBlocks, int kLowestCode, typename Levels>
class FittedScales {
 public:
  FittedScales(const float* values, const float* weights) : values_(values), weights_(weights) {
    std::array<float, kSubBlocks> scales;
    for (int i = 0; i < kSubBlocks; ++i) {
      scales[i] = fit_scale<Levels>({values + i * kWidth, kWidth}, weights + i * kWidth);
    }
    fitted_.d = f32_to_f16(extreme_of(scales) / kLowestCode);
    const float inverse = inverse_or_zero(f16_to_f32(fitted_.d));
    for (int i = 0; i < kSubBlocks; ++i) {
      fitted_.codes[i] = nearest_within(scales[i] * inverse, kLowestCode, -kLowestCode - 1);
    }
    choose_codes(fitted_);
    for (int refit = 0; refit < kMostRefits; ++refit) {
      Fitted next = refitted();
      choose_codes(next);
      if (!(next.error < fitted_.error)) break;
      fitted_ = next;
    }
  }

  uint16_t d() const { return fitted_.d; }
  int code(int sub_block) const { return fitted_.codes[sub_block]; }

  float level(int element) const { return fitted_.levels[element]; }

 private:
  static constexpr int kWidth = kSuperBlock / kSubBlocks;

  struct Fitted {
    uint16_t d = 0;
    std::array<int, kSubBlocks> codes;
    std::array<float, kSuperBlock> levels;
    float error = 0.0F;
  };

  void choose_codes(Fitted& fitted) const {
    fitted.error = 0.0F;
    for (int i = 0; i < kSubBlocks; ++i) choose_code(fitted, i);
  }

  // Of the codes around the one that is there, the one with the least error.
  void choose_code(Fitted& fitted, int sub_block) const {
    constexpr int kCandidates = 4;
    const int guess = fitted.codes[sub_block];
    const auto [code, error] = best_code<kCandidates>(
        guess,
        [=](int number) {
          return std::clamp(guess - kCandidates / 2 + number, kLowestCode, -kLowestCode - 1);
        },
        [&](const auto& codes) { return errors_of(fitted, sub_block, codes); });
    fitted.codes[sub_block] = code;
    fitted.error += error;
    const auto values = std::span(values_, kSuperBlock).subspan(sub_block * kWidth, kWidth);
    round_all<Levels>(values, inverse_or_zero(scale_of(fitted, code)),
                      fitted.levels.data() + sub_block * kWidth);
  }

  static float scale_of(const Fitted& fitted, int code) {
    return f16_to_f32(fitted.d) * static_cast<float>(code);
  }

  Lanes errors_of(const Fitted& fitted, int sub_block, const std::array<int, kLanes>& codes) const {
    Lanes scales;
    Lanes inverses;
    for (int k = 0; k < kLanes; ++k) {
      scales[k] = scale_of(fitted, codes[k]);
      inverses[k] = inverse_or_zero(scales[k]);
    }
    Lanes errors{};
    for (int i = sub_block * kWidth; i < (sub_block + 1) * kWidth; ++i) {
      const Lanes levels = Levels::round(values_[i] * inverses);
      const Lanes difference = scales * levels - values_[i];
      errors += weights_[i] * difference * difference;
    }
    return errors;
  }

  // The least-squares d for the codes and levels that there are.
  Fitted refitted() const {
    float product = 0.0F;
    float square = 0.0F;
    for (int i = 0; i < kSuperBlock; ++i) {
      const float a = static_cast<float>(fitted_.codes[i / kWidth]) * fitted_.levels[i];
      product += weights_[i] * a * values_[i];
      square += weights_[i] * a * a;
    }
    Fitted next = fitted_;
    if (square > 0.0F) next.d = f32_to_f16(product / square);
    return next;
  }

  const float* values_;
  const float* weights_;
  Fitted fitted_;
};

}  // namespace

void fit(const float* values, const float* weights, BlockQ2_K& block) {
  const FittedLines<16, 3, 15> fitted(values, weights);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d();
  block.dmin = fitted.dmin();
  for (int i = 0; i < 16; ++i) {
    block.scales[i] = static_cast<uint8_t>(fitted.code(i).scale | fitted.code(i).minimum << 4);
  }
  for (int i = 0; i < kSuperBlock; ++i) put_bits(block.qs, two_bit_place(i), fitted.level(i));
}

void fit(const float* values, const float* weights, BlockQ3_K& block) {
  const FittedScales<16, -32, IntegerLevels<-4>> fitted(values, weights);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d();
  for (int i = 0; i < 16; ++i) put_q3_scale(block.scales, i, fitted.code(i));
  for (int i = 0; i < kSuperBlock; ++i) {
    const int q = static_cast<int>(fitted.level(i)) + 4;
    put_bits(block.qs, two_bit_place(i), q & 3);
    put_bits(block.hmask, one_bit_place(i), q >> 2);
  }
}

void fit(const float* values, const float* weights, BlockQ4_K& block) {
  const FittedLines<8, 15, 63> fitted(values, weights);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d();
  block.dmin = fitted.dmin();
  for (int i = 0; i < 8; ++i) put_scale_and_minimum(block.scales, i, fitted.code(i));
  for (int i = 0; i < kSuperBlock; ++i) put_bits(block.qs, nibble_place(i), fitted.level(i));
}

void fit(const float* values, const float* weights, BlockQ5_K& block) {
  const FittedLines<8, 31, 63> fitted(values, weights);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d();
  block.dmin = fitted.dmin();
  for (int i = 0; i < 8; ++i) put_scale_and_minimum(block.scales, i, fitted.code(i));
  for (int i = 0; i < kSuperBlock; ++i) {
    const int q = fitted.level(i);
    put_bits(block.qs, nibble_place(i), q & 15);
    put_bits(block.qh, one_bit_place(i), q >> 4);
  }
}

void fit(const float* values, const float* weights, BlockQ6_K& block) {
  const FittedScales<16, -128, IntegerLevels<-32>> fitted(values, weights);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d();
  for (int i = 0; i < 16; ++i) block.scales[i] = static_cast<int8_t>(fitted.code(i));
  for (int i = 0; i < kSuperBlock; ++i) {
    const int q = static_cast<int>(fitted.level(i)) + 32;
    put_bits(block.ql, q6_nibble_place(i), q & 15);
    put_bits(block.qh, two_bit_place(i), q >> 4);
  }
}

// ggml's rule: the extreme value becomes -127, halves go to the even integer.
void encode(const float* values, BlockQ8_K& block) {
  std::memset(&block, 0, sizeof block);
  const float extreme = extreme_of({values, kSuperBlock});
  if (extreme == 0.0F) return;
  const float inverse = -127.0F / extreme;
  block.d = 1.0F / inverse;
  for (int i = 0; i < kSuperBlock; ++i) {
    block.qs[i] = static_cast<int8_t>(nearest_within(std::nearbyint(values[i] * inverse), -127, 127));
    block.bsums[i / 16] = static_cast<int16_t>(block.bsums[i / 16] + block.qs[i]);
  }
}

void fit(const float* values, const float* weights, BlockIQ4_XS& block) {
  const FittedScales<8, -32, Iq4Levels> fitted(values, weights);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d();
  uint16_t scales_h = 0;
  for (int i = 0; i < 8; ++i) scales_h = put_iq4_xs_scale(block.scales_l, scales_h, i, fitted.code(i));
  block.scales_h = scales_h;
  for (int i = 0; i < kSuperBlock; ++i) {
    const BitPlace place = {i / 32 * 16 + i % 16, i % 32 / 16 * 4};
    put_bits(block.qs, place, Iq4Levels::position(fitted.level(i)));
  }
}

}  // namespace hearth
