/** What names of models stand for, and how their files are fetched, as far as that is the same on every platform. */

export type { Room } from "./choose_model.js";
export { only_gguf } from "./gguf.js";
export { is_encoded, length_of, range_of, refused, validator_of } from "./http.js";
export {
  type FoundFile,
  find_at_hugging_face,
  hugging_face_url,
  known_at_hugging_face,
  type RepositoryAccess,
} from "./hugging_face.js";
export {
  check_integrity,
  checksum_to_verify,
  checksums_of,
  type FileState,
  type Integrity,
  integrity_error,
} from "./integrity.js";
export { checked_page, type ListingPage, type Listings } from "./listing.js";
export { check_manifest, type Manifest } from "./manifest.js";
export { common_origin, not_fetched_again, type Origin, open_resolved, type Resolved } from "./open_resolved.js";
export { split_parts } from "./parts.js";
export { type CommonSourceOptions, common_source_options } from "./source_options.js";
