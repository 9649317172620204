// A libFuzzer mutator for inputs that are a document of JSON, then optionally a zero and bytes: it changes
// values where they stand, so that most of what it makes is still a document. Fuzzers only.
#pragma once

#include <algorithm>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/json_text.h"

// libFuzzer's own mutations.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

namespace hearth::workflow::fuzzing {

class JsonMutator {
 public:
  using Json = nlohmann::ordered_json;

  /// `words` are texts that mean something in such a document.
  JsonMutator(unsigned seed, std::span<const std::string_view> words) : random_(seed), words_(words) {}

  /// The new size of an input, of `most` bytes at most.
  size_t mutate(uint8_t* data, size_t size, size_t most) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const size_t zero = std::min(input.find('\0'), size);
    Result<Json> document = parse_json(input.substr(0, zero), "the input");
    if (!document.ok() || number(8) == 0) return LLVMFuzzerMutate(data, size, most);
    std::string rest(input.substr(zero));
    for (size_t changes = 1 + number(3); changes > 0; --changes) change(*document);
    const std::string text = write_json(*document);
    if (text.size() + rest.size() > most) return LLVMFuzzerMutate(data, size, most);
    std::memcpy(data, text.data(), text.size());
    std::memcpy(data + text.size(), rest.data(), rest.size());
    return text.size() + rest.size();
  }

 private:
  size_t number(size_t below) { return below == 0 ? 0 : random_() % below; }

  static void collect(Json& value, std::vector<Json*>& all) {
    all.push_back(&value);
    if (!value.is_structured()) return;
    for (Json& inner : value) collect(inner, all);
  }

  /// One value somewhere in the document becomes another, or loses or gains a part.
  void change(Json& document) {
    std::vector<Json*> all;
    collect(document, all);
    Json& value = *all[number(all.size())];
    const Json other = *all[number(all.size())];
    if (value.is_structured() && !value.empty() && number(2) == 0) {
      auto part = std::next(value.begin(), static_cast<std::ptrdiff_t>(number(value.size())));
      if (number(2) == 0) {
        value.erase(part);
      } else {
        *part = other;
      }
    } else if (value.is_array() && number(2) == 0) {
      value.push_back(other);
    } else if (value.is_object() && !words_.empty() && number(2) == 0) {
      value[std::string(words_[number(words_.size())])] = other;
    } else {
      value = number(3) == 0 ? other : plain();
    }
  }

  Json plain() {
    constexpr int64_t kNumbers[] = {0, 1, 2, 3, -1, 255, INT32_MAX, INT64_MAX, INT64_MIN};
    switch (number(6)) {
      case 0:
        return nullptr;
      case 1:
        return number(2) == 0;
      case 2:
        return kNumbers[number(std::size(kNumbers))];
      case 3:
        return number(2) == 0 ? Json::array() : Json::object();
      default:
        return words_.empty() ? std::string() : std::string(words_[number(words_.size())]);
    }
  }

  std::minstd_rand random_;
  std::span<const std::string_view> words_;
};

}  // namespace hearth::workflow::fuzzing
