// What vectors of 128 bits, a single quad, have in common: where wider ones join, pair and transpose quads,
// there is nothing to do. Included after the operations on bytes.
namespace hearth::cpu {
namespace {

static_assert(kQuads == 1);

template <class PieceOf>
inline Bytes join_pieces(PieceOf piece) {
  return piece(0);
}
template <class Address>
inline Bytes load_paired_pieces(Address address) {
  return load_piece(address(0));
}
inline Bytes load_repeated_32(const std::byte* from, int first) { return load_bytes(from + 16 * first); }

template <int low, int high>
inline Bytes shift_quads_right(Bytes v) {
  if constexpr (low < 0) return shift_bytes_left<-low>(v);
  return shift_bytes_right<(low < 0 ? 0 : low)>(v);
}

inline void transpose_quads(Ints (&/*v*/)[kQuads]) {}

}  // namespace
}  // namespace hearth::cpu
