#include "apps/serve/api/workflows/run_calls.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "apps/serve/admission.h"
#include "apps/serve/api/workflows/model_calls.h"
#include "apps/serve/models/blocking.h"
#include "apps/serve/refusal.h"
#include "apps/workflow/services/folder_store.h"
#include "apps/workflow/services/http_client.h"
#include "engine/text/json_text.h"

namespace hearth::serve::workflows {

using Json = RunCalls::Json;

/// A call's place among the requests that the caller may have running, as long as it lives.
class RunCalls::Turn {
 public:
  /// Where the key may have no more running, one of the run's own calls has to end first.
  static Awaitable<std::unique_ptr<Turn>> wait_for(RunCalls& calls, const ApiKey* key) {
    boost::system::error_code ended;
    while (key != nullptr && calls.own_place_is_taken_ && !calls.service_.callers.has_place(*key)) {
      co_await calls.freed_.async_wait(net::redirect_error(net::use_awaitable, ended));
    }
    co_return std::make_unique<Turn>(calls);
  }

  explicit Turn(RunCalls& calls) : calls_(calls), has_own_place_(!calls.own_place_is_taken_) {
    calls_.own_place_is_taken_ = true;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (has_own_place_) calls_.own_place_is_taken_ = false;
    calls_.freed_.cancel();
  }

  Place place() const { return has_own_place_ ? Place::kOfItsRequest : Place::kOwn; }

 private:
  RunCalls& calls_;
  bool has_own_place_;
};

Awaitable<Json> RunCalls::answer(Json call, TellText tell) {
  std::string kind = call["kind"].get<std::string>();
  Json request = std::move(call["request"]);
  if (kind == "store") co_return co_await use_store(std::move(request));
  if (kind == "http") co_return co_await send_request(std::move(request));
  co_return co_await ask_model(std::move(kind), std::move(request), std::move(tell));
}

Awaitable<Json> RunCalls::ask_model(std::string kind, Json request, TellText tell) {
  std::shared_ptr<const ApiKey> key;
  // It may have been changed since the run began.
  if (service_.callers.ask_for_keys()) key = service_.callers.identify_again(caller_.record->key.get());
  const std::unique_ptr<Turn> turn = co_await Turn::wait_for(*this, key.get());
  const auto record = std::make_shared<RequestRecord>();
  record->part_of = caller_.record;
  record->key = key;
  if (key) {
    require_scope(*record, Scope::kModels);
    Headers untold;
    charge(service_, *record, write_json(request).size(), untold, turn->place());
  }
  const std::string name = request.value("model", "");
  const std::unique_ptr<ModelUse> model = co_await use_model_for(service_, record, name, caller_.tenant);
  co_return co_await answer_of_model(*model, record, std::move(kind), std::move(request), std::move(tell));
}

Awaitable<Json> RunCalls::use_store(Json request) {
  const std::string& folder = service_.config.workflows.store;
  if (folder.empty()) {
    throw Refusal(
        Error{ErrorCode::kUnsupported,
              "nothing is kept here: workflows.store of hearth.yaml names the folder to keep it in"});
  }
  const std::string owner = owner_of(caller_.record->key.get(), caller_.tenant);
  const std::function<Result<Json>()> work = [folder, owner, request = std::move(request)] {
    return workflow::FolderStore(folder, owner).answer(request);
  };
  Result<Json> answer = co_await on_pool<Result<Json>>(service_.pool, work);
  co_return value_or_refuse(std::move(answer));
}

Awaitable<Json> RunCalls::send_request(Json request) {
  const auto client = std::make_shared<const workflow::HttpClient>(service_.config.workflows.origins,
                                                                   "workflows.origins of hearth.yaml");
  const auto goes_on = std::make_shared<std::atomic<bool>>(true);
  const std::function<void()> stop = [goes_on] { *goes_on = false; };
  const std::function<void(std::function<void(Result<Json>)>)> start =
      [&pool = service_.requests(), client, goes_on, request = std::move(request)](auto done) {
        net::post(pool, [client, goes_on, request, done] {
          done(client->answer(request, [&] { return goes_on->load(); }));
        });
      };
  Result<Json> answer = co_await completion_of<Result<Json>>(start, stop);
  co_return value_or_refuse(std::move(answer));
}

}  // namespace hearth::serve::workflows
