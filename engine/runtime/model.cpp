#include "engine/runtime/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/format/dequantize.h"
#include "engine/model/families/family.h"
#include "engine/runtime/device_choice.h"
#include "engine/text/text_hash.h"

namespace hearth {
namespace {

Result<void> report(const LoadProgress& progress, LoadStage stage, const ModelFile* file, uint64_t done,
                    uint64_t total) {
  if (!progress || progress(stage, done, total)) return {};
  return Error{ErrorCode::kAborted,
               fmt::format("{}: loading was cancelled",
                           file == nullptr ? "the model" : file->metadata().source().name())};
}

/// A vocabulary larger than the embedding has tokens that the model cannot take.
Result<void> check_vocabulary(const ModelFile& file, const Tokenizer& tokenizer, const ModelSpec& spec) {
  if (tokenizer.vocabulary_size() <= spec.n_vocab()) return {};
  return Error{ErrorCode::kInvalidModel,
               fmt::format("{}: tokenizer.ggml.tokens has {} tokens, but tensor 'token_embd.weight' only {} "
                           "rows",
                           file.metadata().source().name(), tokenizer.vocabulary_size(), spec.n_vocab())};
}

/// An encoder's may be its last layer's. A few models have none.
TensorPlace last_norm_of(const ModelFile& file, const ModelSpec& spec) {
  for (const std::string& name : {std::string("output_norm.weight"), std::string("enc.output_norm.weight"),
                                  fmt::format("blk.{}.layer_output_norm.weight", spec.n_layer() - 1)}) {
    const TensorPlace norm = file.find_tensor(name);
    if (norm.tensor != nullptr) return norm;
  }
  return {};
}

/// A hash of the file's size, of weights that any training changes (the last norm and the first token's row)
/// and of the device.
Result<uint64_t> identity_of(const ModelFile& file, const ModelSpec& spec, std::string_view device) {
  uint64_t hash = file.size();
  const auto add = [&hash](const void* data, size_t bytes) {
    hash = hash_text({static_cast<const char*>(data), bytes}, hash);
  };
  const TensorPlace norm = last_norm_of(file, spec);
  std::vector<std::byte> bytes;
  if (norm.tensor != nullptr) {
    bytes.resize(static_cast<size_t>(norm.tensor->bytes));
    HEARTH_TRY(norm.part->source().read(norm.tensor->offset, bytes));
    std::vector<float> weights(static_cast<size_t>(norm.tensor->columns()));
    dequantize(norm.tensor->type, bytes, weights);
    add(weights.data(), weights.size() * sizeof(float));
  }
  const TensorPlace table = find_embedding(file);
  bytes.resize(static_cast<size_t>(bytes_of(table.tensor->type, table.tensor->columns())));
  HEARTH_TRY(table.part->source().read(table.tensor->offset, bytes));
  add(bytes.data(), bytes.size());
  return hash_text(device, hash);
}

}  // namespace

Result<std::unique_ptr<Model>> Model::load(const std::filesystem::path& path, const LoadOptions& options,
                                           const LoadProgress& progress, const gpu::MakeRunner& gpu) {
  HEARTH_TRY(report(progress, LoadStage::kParse, nullptr, 0, 1));
  HEARTH_ASSIGN(ModelFile file, ModelFile::open(path));
  return load(std::move(file), options, progress, gpu);
}

Result<std::unique_ptr<Model>> Model::load(std::vector<std::shared_ptr<const ByteSource>> parts,
                                           const LoadOptions& options, const LoadProgress& progress,
                                           const gpu::MakeRunner& gpu) {
  HEARTH_TRY(report(progress, LoadStage::kParse, nullptr, 0, 1));
  HEARTH_ASSIGN(ModelFile file, ModelFile::open(std::move(parts)));
  return load(std::move(file), options, progress, gpu);
}

Result<std::unique_ptr<Model>> Model::load(ModelFile opened, const LoadOptions& options,
                                           const LoadProgress& progress, const gpu::MakeRunner& gpu) {
  std::unique_ptr<Model> model(new Model());
  model->file_ = std::make_unique<ModelFile>(std::move(opened));
  const ModelFile& file = *model->file_;
  // What is cheap to check comes first: a model that cannot run is refused before its weights are read.
  HEARTH_ASSIGN(model->spec_, read_model_spec(file.metadata()));
  HEARTH_ASSIGN(ChosenDevice chosen, choose_device(file, model->spec_, options, gpu));
  model->backend_ = std::move(chosen.backend);
  HEARTH_ASSIGN(model->tokenizer_, Tokenizer::from_gguf(file.metadata()));
  HEARTH_TRY(report(progress, LoadStage::kParse, &file, 1, 1));

  BindProgress on_bytes;
  if (progress) {
    on_bytes = [&](uint64_t done, uint64_t total) { return progress(LoadStage::kRead, done, total); };
  }
  HEARTH_ASSIGN(model->bound_, bind_network(file, model->spec_, *model->backend_, on_bytes,
                                            options.memory_limit, chosen.layer_room));
  HEARTH_TRY(check_vocabulary(file, *model->tokenizer_, model->spec_));
  HEARTH_ASSIGN(model->identity_, identity_of(file, model->spec_, model->backend_->name()));

  HEARTH_TRY(report(progress, LoadStage::kInitialize, &file, 0, 1));
  model->chat_ =
      std::make_unique<ChatFormat>(file.metadata(), *model->tokenizer_, model->spec_.is_encoder_decoder());
  ModelInfo& info = model->infos_.emplace_back(read_model_info(file, model->spec_));
  info.tasks = tasks_of(model->spec_, model->network().n_class() > 0);
  info.tokenizer = model->tokenizer_->kind();
  info.tokens = model->tokenizer_->special();
  info.template_capabilities = model->chat_->capabilities();
  info.device = model->backend_->description();
  info.device_reason = std::move(chosen.reason);
  HEARTH_TRY(report(progress, LoadStage::kReady, &file, 1, 1));
  return model;
}

const ModelInfo& Model::info() const {
  const std::scoped_lock lock(device_mutex_);
  return infos_.back();
}

WeightStatistics Model::weight_statistics() const {
  const std::scoped_lock lock(device_mutex_);
  return bound_.weights->statistics();
}

Result<void> Model::change_device(const LoadOptions& options, const gpu::MakeRunner& gpu,
                                  const std::function<Result<void>(Backend& next)>& move) {
  HEARTH_ASSIGN(ChosenDevice chosen, choose_device(*file_, spec_, options, gpu));
  HEARTH_ASSIGN(BoundNetwork bound, bind_network(*file_, spec_, *chosen.backend, nullptr,
                                                 options.memory_limit, chosen.layer_room));
  HEARTH_ASSIGN(const uint64_t identity, identity_of(*file_, spec_, chosen.backend->name()));
  HEARTH_TRY(move(*chosen.backend));
  const std::scoped_lock lock(device_mutex_);
  std::swap(bound_, bound);
  std::swap(backend_, chosen.backend);
  identity_ = identity;
  ModelInfo& info = infos_.emplace_back(infos_.back());
  info.device = backend_->description();
  const bool gave_up = backend_->name() == "cpu" && chosen.reason.empty();
  info.device_reason = gave_up ? "the GPU went away" : chosen.reason;
  return {};  // what was there goes, its weights first
}

GenerationOptions Model::recommended_options() const {
  GenerationOptions options;
  if (const auto& diffusion = spec_.diffusion) {
    options.temperature = diffusion->temperature;
    options.top_k = 0;
    options.top_p = diffusion->top_p;
    options.min_p = 0.0F;
  }
  const Gguf& metadata = file_->metadata();
  // Advice in a file is untrusted too: what makes no sense is left out.
  const auto take = [&](std::string_view key, auto& option, double lowest, double highest) {
    const auto value = metadata.number(key);
    if (!value.ok() || !*value || !(**value >= lowest && **value <= highest)) return;
    option = static_cast<std::remove_reference_t<decltype(option)>>(**value);
  };
  take("general.sampling.temp", options.temperature, 0, 10);
  take("general.sampling.top_k", options.top_k, -1, 1 << 24);
  options.top_k = std::max(options.top_k, 0);  // llama.cpp writes -1 for all
  take("general.sampling.top_p", options.top_p, 0, 1);
  take("general.sampling.min_p", options.min_p, 0, 1);
  take("general.sampling.xtc_probability", options.xtc_probability, 0, 1);
  take("general.sampling.xtc_threshold", options.xtc_threshold, 0, 1);
  if (spec_.diffusion) return options;  // what follows needs tokens one after the other
  take("general.sampling.penalty_repeat", options.repetition_penalty, 0.01, 10);
  take("general.sampling.penalty_last_n", options.penalty_window, -1, 1 << 24);
  take("general.sampling.mirostat", options.mirostat, 0, 2);
  take("general.sampling.mirostat_tau", options.mirostat_tau, 0, 100);
  take("general.sampling.mirostat_eta", options.mirostat_eta, 0, 1);
  return options;
}

}  // namespace hearth
