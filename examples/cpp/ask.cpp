// Asks a model and prints its answer as it is written (CMakeLists.txt says how this is built):
//
//   ./ask model.gguf '{"messages": [{"role": "user", "content": "What is 37 + 48?"}]}'
#include <hearth.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

struct Free {
  void operator()(hearth_model* model) const { hearth_model_free(model); }
  void operator()(hearth_generation* generation) const { hearth_generation_free(generation); }
  void operator()(hearth_tokens* tokens) const { hearth_tokens_free(tokens); }
};
using Model = std::unique_ptr<hearth_model, Free>;
using Generation = std::unique_ptr<hearth_generation, Free>;

void check(hearth_status status, const char* message) {
  if (status != HEARTH_OK) throw std::runtime_error(hearth_status_name(status) + std::string(": ") + message);
}

void check(hearth_status status) { check(status, hearth_error_message()); }

Model load(const char* path) {
  hearth_model* model = nullptr;
  check(hearth_model_load_path(path, nullptr, &model));
  return Model(model);
}

Generation start(hearth_model* model, std::string_view chat) {
  hearth_tokens prompt{};
  check(hearth_chat_tokens(model, chat.data(), chat.size(), &prompt));
  const std::unique_ptr<hearth_tokens, Free> owner(&prompt);
  hearth_generation_options options;
  hearth_generation_options_init(model, &options, sizeof options);
  options.temperature = 0;  // the likeliest token each time
  options.max_tokens = 200;
  hearth_generation* generation = nullptr;
  check(hearth_generation_create(model, prompt.data, prompt.size, &options, &generation));
  return Generation(generation);
}

/// What has come of the generation since it was asked last.
void print_news(hearth_generation* generation) {
  for (;;) {
    hearth_event event;
    event.struct_size = sizeof event;
    check(hearth_generation_next(generation, &event));
    if (event.present == 0) return;
    check(event.error, event.error_message);
    std::cout << std::string_view(event.text, event.text_size) << std::flush;
  }
}

void answer(hearth_model* model, std::string_view chat) {
  const Generation generation = start(model, chat);
  for (int busy = 1; busy != 0;) {
    check(hearth_model_step(model, &busy));
    print_news(generation.get());
  }
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " MODEL CHAT\n";
    return 2;
  }
  answer(load(argv[1]).get(), argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
