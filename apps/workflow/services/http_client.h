// Requests of workflows to other servers, as far as whoever runs them lets them.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hearth::workflow {

class HttpClient {
 public:
  using Json = nlohmann::ordered_json;

  /// `origins`, such as https://api.example.org, are all that is asked, also where an answer leads on;
  /// without any, nothing is. `lists`: where people find the list, for messages.
  ///
  /// A name that leads to this machine or its own network is refused, unless it is localhost: who means a
  /// server there lists its address.
  HttpClient(const std::vector<std::string>& origins, std::string_view lists);

  /// Carries out a call of the kind `http` (docs/workflows.md). `goes_on` is asked about every second; false
  /// cancels. UNSUPPORTED for what is not listed, INVALID_ARGUMENT for what is no request, NETWORK, SERVER,
  /// ABORTED.
  Result<Json> answer(const Json& request, const std::function<bool()>& goes_on) const;

 private:
  Error refusal_of(std::string_view origin) const;

  std::vector<std::string> origins_;
  std::string lists_;
};

/// The origin in the one form that it is compared in. INVALID_ARGUMENT for what is none, or more than one.
Result<std::string> origin_of(std::string_view text);

}  // namespace hearth::workflow
