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

}  // namespace
}  // namespace hearth::cpu
