// What all instruction sets' integers (integers_*-inl.h) begin with.
//
// A vector is kQuads quads of 128 bits. As bytes it holds kQuads pieces of 16 elements of one weight row; as
// integers, like an F32, it holds kLanes numbers, one for each of as many weight rows.
namespace hearth::cpu {
namespace {

constexpr int kLanes = F32::kWidth;
constexpr int kQuads = kLanes / 4;

/// Whether bytes are shifted one by one. Otherwise bits move across bytes: mask afterwards.
constexpr bool kShiftsBytes = kQuads == 1;

/// What a set's dot products want panels (panel_product-inl.h) to keep of weights, which are given as signed
/// bytes w or as unsigned w + offset.
enum class PanelBytes {
  kAsGiven,
  kSigned,    // always w
  kUnsigned,  // w where that is given, otherwise w + 128
};

}  // namespace
}  // namespace hearth::cpu
