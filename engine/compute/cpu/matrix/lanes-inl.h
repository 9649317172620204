// What all instruction sets' integers (integers_*-inl.h) begin with.
//
// A vector is kQuads quads of 128 bits. As bytes it holds kQuads pieces of 16 elements of one weight row; as
// integers, like an F32, it holds kLanes numbers, one for each of as many weight rows.
namespace hearth::cpu {
namespace {

constexpr int kLanes = F32::kWidth;
constexpr int kQuads = kLanes / 4;

/// Rows of input that share the taking apart of weights which are read where they lie, where vectors are one
/// quad (strip_periods-inl.h). Two are code of their own: much, where it is downloaded first.
#if defined(__wasm__)
constexpr int kRowsTogether = 1;
#else
constexpr int kRowsTogether = 2;
#endif

/// Whether bytes are shifted one by one. Otherwise bits move across bytes: mask afterwards.
#if defined(__aarch64__)
constexpr bool kShiftsBytes = true;
#else
constexpr bool kShiftsBytes = false;
#endif

/// What a set's dot products want panels (panel_product-inl.h) to keep of weights, which are given as signed
/// bytes w or as unsigned w + offset.
enum class PanelBytes {
  kAsGiven,
  kSigned,    // always w
  kUnsigned,  // w where that is given, otherwise w + 128
};

}  // namespace
}  // namespace hearth::cpu
