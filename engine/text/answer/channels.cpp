#include "engine/text/answer/channels.h"

#include <algorithm>
#include <array>

namespace hearth {
namespace {

constexpr std::string_view kMessage = "<|message|>";
constexpr std::string_view kChannel = "<|channel|>";
constexpr std::string_view kRecipient = "to=";

/// Longer ones are no headers.
constexpr size_t kLongestHeader = 512;

constexpr std::array<std::string_view, 3> kEnds = {"<|end|>", "<|call|>", "<|return|>"};
constexpr std::array<std::string_view, 4> kBegins = {"<|start|>", kChannel, kMessage, kRecipient};

/// How long the marks are that end messages before the header.
size_t end_of_message(std::string_view text) {
  size_t length = 0;
  for (bool any = true; any;) {
    any = false;
    const size_t space = space_length(text.substr(length));
    for (const std::string_view mark : kEnds) {
      if (!text.substr(length + space).starts_with(mark)) continue;
      length += space + mark.size();
      any = true;
      break;
    }
  }
  return length;
}

bool may_begin(std::string_view text, std::string_view mark, bool at_end) {
  return text.starts_with(mark) || (mark.starts_with(text) && !at_end);
}

/// The word behind the last such mark.
std::string_view word_behind(std::string_view header, std::string_view mark) {
  const size_t place = header.rfind(mark);
  if (place == std::string_view::npos) return {};
  const std::string_view rest = header.substr(place + mark.size());
  const auto ends = [](char character) { return is_space(character) || character == '<'; };
  return rest.substr(0, static_cast<size_t>(std::find_if(rest.begin(), rest.end(), ends) - rest.begin()));
}

}  // namespace

ChannelHeader read_channel_header(std::string_view text, bool at_end) {
  const size_t before = end_of_message(text);
  const std::string_view rest = text.substr(before);
  const std::string_view first = rest.substr(space_length(rest));
  const auto may_be = [&](std::string_view mark) { return may_begin(first, mark, at_end); };
  ChannelHeader header = {MatchState::kMismatched, before, false, ""};
  if (std::any_of(kEnds.begin(), kEnds.end(), may_be)) header.state = MatchState::kUndecided;
  if (std::none_of(kBegins.begin(), kBegins.end(), may_be)) return header;
  const size_t end = rest.substr(0, kLongestHeader).find(kMessage);
  if (end == std::string_view::npos) {
    const bool is_too_long = rest.size() >= kLongestHeader;
    header.state = at_end || is_too_long ? MatchState::kMismatched : MatchState::kUndecided;
    if (at_end && !is_too_long) header.length = text.size();  // cut short
    return header;
  }
  const std::string_view written = rest.substr(0, end);
  header.state = MatchState::kMatched;
  header.length = before + end + kMessage.size();
  header.is_reasoning = word_behind(written, kChannel) == "analysis";
  const std::string_view recipient = word_behind(written, kRecipient);
  constexpr std::string_view kFunctions = "functions.";
  if (recipient.starts_with(kFunctions)) header.tool = recipient.substr(kFunctions.size());
  return header;
}

}  // namespace hearth
