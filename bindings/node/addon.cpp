// The addon's exports: what packages/node/src/addon_types.ts declares.
#include <napi.h>

#include "bindings/node/gpu_library.h"
#include "bindings/node/instance.h"
#include "bindings/node/model.h"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  hearth::node::Instance::create(env);
  exports.Set("version", hearth_version());
  exports.Set("Model", hearth::node::ModelObject::define(env));
  exports.Set("openGpuLibrary", Napi::Function::New<hearth::node::open_gpu_library>(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(hearth, initialize)
