#include "load/script/isolate.h"

#include "load/script/module_texts.h"

#include <fmt/format.h>
#include <libplatform/libplatform.h>

#include <algorithm>
#include <array>
#include <cstdint>

// V8's own threads are kept out: collections run on the thread that needs the memory, so that what a script costs is seen where it is
// spent, and none of it goes to cores that serve the target.

namespace gantry::load {

namespace {

// What the young generation comes to at most.
constexpr std::size_t kYoungMegabytes = 4;

// The one platform of the process. V8 cannot be started a second time, so it is never stopped.
v8::Platform& start_v8() {
  static v8::Platform& platform = [] -> v8::Platform& {
    auto made = v8::platform::NewSingleThreadedDefaultPlatform();
    // A young generation that fits into the processor's cache while there are few VUs, and grows a little with what they keep: with a
    // thousand of them each collection looks at a thousand stacks, so there should be few. V8 lets it grow with what has survived in it since
    // it last did, however little at a time: a run that lasts comes to the most that it may be, which must not be much.
    // Optimising has its price here for each VU anew, on the thread of all of them, who wait and measure it as the target's delay: only what
    // has run for five times as long as elsewhere is worth it.
    // asm.js is JavaScript here: V8 would make WebAssembly of it, which is not for scripts (thread_id.cc).
    v8::V8::SetFlagsFromString(
        fmt::format("--single-threaded --min-semi-space-size=1 --max-semi-space-size={} --interrupt-budget=660000 "
                    "--no-expose-wasm --no-validate-asm",
                    kYoungMegabytes)
            .c_str());
    v8::V8::InitializePlatform(made.get());
    v8::V8::Initialize();
    return *made.release();
  }();
  return platform;
}

// How much a script may still use to unwind once its heap is full.
constexpr std::size_t kUnwindBytes = std::size_t{16} << 20;

}  // namespace

ScriptIsolate::ScriptIsolate(IsolateLimits limits) : allocator_(limits.buffer_bytes_max) {
  start_v8();
  v8::Isolate::CreateParams parameters;
  parameters.array_buffer_allocator = &allocator_;
  parameters.allow_atomics_wait = false;  // it would stop all VUs
  parameters.constraints.set_max_old_generation_size_in_bytes(limits.heap_bytes_max);
  isolate_ = v8::Isolate::New(parameters);
  ModuleTexts::make(isolate_);
  isolate_->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate_->SetCaptureStackTraceForUncaughtExceptions(true, 20);
  isolate_->AddNearHeapLimitCallback(on_near_heap_limit, this);
}

ScriptIsolate::~ScriptIsolate() {
  ModuleTexts::drop(isolate_);
  isolate_->Dispose();
}

std::size_t ScriptIsolate::on_near_heap_limit(void* self, std::size_t limit, std::size_t) {
  auto* isolate = static_cast<ScriptIsolate*>(self);
  isolate->heap_full_ = true;
  isolate->isolate_->TerminateExecution();
  return limit + kUnwindBytes;
}

// V8 has no way to ask for that, but it collects what is young whenever that fills up, and moves what has lived through it twice.
void ScriptIsolate::settle() {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope in(isolate_);
  const std::array<std::uint8_t, std::size_t{64} << 10> piece = {};
  for (std::size_t filled = 0; filled < 2 * (kYoungMegabytes << 20); filled += piece.size()) {
    const v8::HandleScope scope(isolate_);
    const int size = static_cast<int>(piece.size());
    if (v8::String::NewFromOneByte(isolate_, piece.data(), v8::NewStringType::kNormal, size).IsEmpty()) return;
  }
}

void ScriptIsolate::interrupt() { isolate_->TerminateExecution(); }

void ScriptIsolate::resume() {
  isolate_->CancelTerminateExecution();
  if (!heap_full_) return;
  heap_full_ = false;
  // What filled it is garbage now, and the limit is back where it was.
  isolate_->LowMemoryNotification();
  isolate_->AutomaticallyRestoreInitialHeapLimit();
}

bool has_room_for_text(v8::Isolate* isolate, std::string_view text) {
  // What a full heap has to spare is enough for these.
  constexpr std::size_t kShort = kUnwindBytes / 4;
  if (text.size() < kShort) return true;
  const bool is_ascii = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  const auto has_room = [isolate, bytes = (is_ascii ? 1 : 2) * text.size() + kUnwindBytes] {
    v8::HeapStatistics heap;
    isolate->GetHeapStatistics(&heap);
    return heap.used_heap_size() + bytes <= heap.heap_size_limit();
  };
  if (has_room()) return true;
  isolate->LowMemoryNotification();
  return has_room();
}

void ScriptIsolate::limit_stack(std::size_t bytes) {
  isolate_->SetStackLimit(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - bytes);
}

}  // namespace gantry::load
