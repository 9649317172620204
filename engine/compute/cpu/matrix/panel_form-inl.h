// How panels (panel_product-inl.h) keep the bytes of weights: as the instruction set's dot products want
// them.
namespace hearth::cpu {
namespace {

/// For weights that an unpacker gives as w (signed) or w + offset (unsigned).
template <bool is_signed, int offset>
struct PanelForm {
  static constexpr bool kSigned =
      kPanelBytes == PanelBytes::kSigned || (kPanelBytes == PanelBytes::kAsGiven && is_signed);
  static constexpr int kOffset = kPanelBytes == PanelBytes::kAsGiven    ? offset
                                 : kPanelBytes == PanelBytes::kUnsigned ? (is_signed || offset != 0 ? 128 : 0)
                                                                        : 0;
  static Bytes pack(Bytes v) {
    constexpr int kGiven = offset * (is_signed ? 0 : 1);
    constexpr int kChange = kOffset - kGiven;
    return kChange == 0 ? v : add_bytes(v, splat_bytes(kChange));
  }
};

/// Brings sixteen columns of four weight rows, a row to a quad, into a panel's order: in every vector four
/// columns of the four rows or, for products of pairs of rows, eight columns of the first two, and then of
/// the others.
inline void order_for_panel(Ints (&rows)[4]) {
#if defined(HEARTH_MMLA_GROUPS)
  static_assert(kQuads == 1);
  const Ints first = interleave_low_pairs(rows[0], rows[1]);
  const Ints third = interleave_high_pairs(rows[0], rows[1]);
  rows[1] = interleave_low_pairs(rows[2], rows[3]);
  rows[3] = interleave_high_pairs(rows[2], rows[3]);
  rows[0] = first;
  rows[2] = third;
#else
  transpose_in_quads(rows[0], rows[1], rows[2], rows[3]);
#endif
}

}  // namespace
}  // namespace hearth::cpu
