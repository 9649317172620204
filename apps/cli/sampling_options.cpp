#include "apps/cli/sampling_options.h"

#include <utility>

namespace hearth::cli {

void add_sampling_options(CLI::App& command, GivenOptions& given) {
  add_options<GenerationOptions>(command, "Sampling", given);
}

Result<GenerationRequest> make_request(const Model& model, const GivenOptions& given,
                                       std::vector<TokenId> prompt) {
  GenerationRequest request{model.recommended_options(), std::move(prompt)};
  HEARTH_TRY(set_options<GenerationOptions>(request, given));
  return request;
}

}  // namespace hearth::cli
