#include "bindings/node/gpu.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "bindings/gpu_properties.h"

namespace hearth::node {
namespace {

hearth_gpu_properties properties_of(const Napi::Object& object, const std::string& name,
                                    const std::string& driver) {
  return gpu_properties(name, driver,
                        [&](const char* key) { return object.Get(key).ToNumber().DoubleValue(); });
}

hearth_status status_named(std::string_view name) {
  for (int status = HEARTH_OK + 1; status <= HEARTH_WORKER_NOT_SUPPORTED; ++status) {
    if (name == hearth_status_name(static_cast<hearth_status>(status))) {
      return static_cast<hearth_status>(status);
    }
  }
  return HEARTH_INTERNAL;
}

Failure failure_of_thrown(const Napi::Value& thrown) {
  if (!thrown.IsObject()) return {HEARTH_INTERNAL, thrown.ToString()};
  const auto error = thrown.As<Napi::Object>();
  return {status_named(error.Get("code").ToString().Utf8Value()), error.Get("message").ToString()};
}

Napi::Value method(const Napi::Object& object, const char* name,
                   const std::initializer_list<napi_value>& arguments) {
  return object.Get(name).As<Napi::Function>().Call(object, arguments);
}

/// What is still to be read would come to memory that is the caller's again.
void drop_reads(const Napi::Value& object) {
  if (object.IsObject()) method(object.As<Napi::Object>(), "dropReads", {});
}

/// A copy: Electron allows no views of other memory.
template <typename T>
Napi::Value words(Napi::Env env, const T* from, size_t count) {
  static_assert(sizeof(T) % sizeof(uint32_t) == 0);
  const size_t size = count * sizeof(T);
  auto buffer = Napi::ArrayBuffer::New(env, size);
  if (size > 0) std::memcpy(buffer.Data(), from, size);
  return Napi::Uint32Array::New(env, size / sizeof(uint32_t), buffer, 0);
}

Napi::Object to_list(Napi::Env env, const hearth_gpu_list& from) {
  auto list = Napi::Object::New(env);
  list.Set("commands", words(env, from.commands, from.command_count));
  list.Set("bindings", words(env, from.bindings, from.binding_count));
  list.Set("parameters", words(env, from.parameters, from.command_count * HEARTH_GPU_PARAMETER_WORDS));
  list.Set("data", words(env, from.data, from.data_words));
  return list;
}

}  // namespace

/// One call, shared by the threads that make and answer it.
class Gpu::Call {
 public:
  explicit Call(Gpu& gpu) : gpu_(gpu) {}

  void end(Failure failure, double number = 0) {
    const std::lock_guard lock(gpu_.mutex_);
    failure_ = std::move(failure);
    number_ = number;
    is_done_ = true;
    gpu_.done_.notify_all();
  }
  /// Waits for its end, or that of the main thread.
  Failure outcome(double* number) {
    std::unique_lock lock(gpu_.mutex_);
    gpu_.done_.wait(lock, [&] { return is_done_ || gpu_.closed_; });
    if (!is_done_) return {HEARTH_DISPOSED, "the GPU's JavaScript has ended"};
    if (number != nullptr) *number = number_;
    return failure_;
  }

 private:
  Gpu& gpu_;  // outlives the model, whose thread makes all calls
  Failure failure_;
  double number_ = 0;
  bool is_done_ = false;
};

Gpu::Gpu(Instance& instance, Napi::Object object)
    : instance_(instance),
      object_(instance.keep(object)),
      name_(object.Get("properties").As<Napi::Object>().Get("name").ToString()),
      driver_(object.Get("properties").As<Napi::Object>().Get("driver").ToString()),
      properties_(properties_of(object.Get("properties").As<Napi::Object>(), name_, driver_)),
      runner_(functions()) {
  runner_.properties = &properties_;
  runner_.user = this;
}

void Gpu::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  done_.notify_all();
}

hearth_status Gpu::call(Run run, bool awaited, double* number) {
  const auto call = std::make_shared<Call>(*this);
  instance_.main_thread.post([this, call, awaited, run = std::move(run)](Napi::Env env) {
    const Napi::Value object = instance_.kept(object_);
    if (!object.IsObject()) return call->end({HEARTH_DISPOSED, "the GPU was given back"});
    const Napi::Value given = run(env, object.As<Napi::Object>());
    if (env.IsExceptionPending())
      return call->end(failure_of_thrown(env.GetAndClearPendingException().Value()));
    if (!awaited) return call->end({}, given.IsUndefined() ? 0 : given.ToNumber().DoubleValue());
    const auto fulfilled = [call](const Napi::CallbackInfo&) { call->end({}); };
    const auto rejected = [this, call](const Napi::CallbackInfo& info) {
      drop_reads(instance_.kept(object_));
      call->end(failure_of_thrown(info[0]));
    };
    method(given.As<Napi::Object>(), "then",
           {Napi::Function::New(env, fulfilled), Napi::Function::New(env, rejected)});
  });
  const Failure failure = call->outcome(number);
  message_ = failure.message;
  return failure.status;
}

hearth_gpu_runner Gpu::functions() {
  hearth_gpu_runner runner{};
  runner.struct_size = sizeof runner;
  runner.message = [](void* user) { return of(user).message_.c_str(); };
  runner.create_block = [](void* user, uint64_t size, uint32_t* block) {
    double number = 0;
    const auto run = [size](Napi::Env env, Napi::Object object) {
      return method(object, "createBlock", {Napi::Number::New(env, static_cast<double>(size))});
    };
    const hearth_status status = of(user).call(run, false, &number);
    *block = static_cast<uint32_t>(number);
    return status;
  };
  runner.destroy_block = [](void* user, uint32_t block) {
    (void)of(user).call([block](Napi::Env env, Napi::Object object) {
      return method(object, "destroyBlock", {Napi::Number::New(env, block)});
    });
  };
  runner.kernel = [](void* user, const char* name, uint32_t* kernel) {
    double number = 0;
    const auto run = [name](Napi::Env env, Napi::Object object) {
      return method(object, "kernel", {Napi::String::New(env, name)});
    };
    const hearth_status status = of(user).call(run, false, &number);
    *kernel = static_cast<uint32_t>(number);
    return status;
  };
  // What goes wrong in these, `ready` and `wait` report.
  runner.write = [](void* user, uint32_t block, uint64_t offset, const void* from, size_t size) {
    (void)of(user).call([=](Napi::Env env, Napi::Object object) {
      return method(object, "write",
                    {Napi::Number::New(env, block), Napi::Number::New(env, static_cast<double>(offset)),
                     Napi::Buffer<uint8_t>::Copy(env, static_cast<const uint8_t*>(from), size)});
    });
  };
  runner.submit = [](void* user, const hearth_gpu_list* list) {
    (void)of(user).call([list](Napi::Env env, Napi::Object object) {
      return method(object, "submit", {to_list(env, *list)});
    });
  };
  runner.begin_read = [](void* user, uint32_t block, uint64_t offset, void* into, size_t size) {
    (void)of(user).call([=](Napi::Env env, Napi::Object object) {
      const auto take = [into, size](const Napi::CallbackInfo& info) {
        const auto bytes = info[0].As<Napi::Uint8Array>();
        std::memcpy(into, bytes.Data(), std::min(size, bytes.ByteLength()));
      };
      return method(object, "beginRead",
                    {Napi::Number::New(env, block), Napi::Number::New(env, static_cast<double>(offset)),
                     Napi::Number::New(env, static_cast<double>(size)), Napi::Function::New(env, take)});
    });
  };
  runner.ready = [](void* user, int* ready) {
    double number = 0;
    const auto run = [](Napi::Env env, Napi::Object object) {
      const Napi::Value is_ready = method(object, "ready", {});
      if (!env.IsExceptionPending()) return is_ready;
      const Napi::Error error = env.GetAndClearPendingException();
      drop_reads(object);
      error.ThrowAsJavaScriptException();
      return Napi::Value();
    };
    const hearth_status status = of(user).call(run, false, &number);
    *ready = number != 0 ? 1 : 0;
    return status;
  };
  runner.wait = [](void* user) {
    return of(user).call([](Napi::Env, Napi::Object object) { return method(object, "settled", {}); }, true);
  };
  runner.reopen = [](void* user) {
    return of(user).call([](Napi::Env, Napi::Object object) { return method(object, "reopen", {}); });
  };
  runner.begin_profile = [](void* user) {
    (void)of(user).call([](Napi::Env, Napi::Object object) { return method(object, "beginProfile", {}); });
  };
  runner.kernel_time = [](void* user, uint32_t kernel, hearth_gpu_kernel_time* time) {
    (void)of(user).call([=](Napi::Env env, Napi::Object object) {
      const Napi::Value taken = method(object, "kernelTime", {Napi::Number::New(env, kernel)});
      if (!taken.IsObject()) return Napi::Value();
      const auto of_kernel = taken.As<Napi::Object>();
      time->calls = static_cast<uint64_t>(of_kernel.Get("calls").ToNumber().Int64Value());
      time->seconds = of_kernel.Get("seconds").ToNumber();
      return Napi::Value(env.Undefined());
    });
  };
  return runner;
}

}  // namespace hearth::node
