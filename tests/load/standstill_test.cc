#include "load/run/standstill.h"

#include "load/script/exception.h"
#include "load/script/isolate.h"
#include "load/signals.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <v8.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace gantry::load {
namespace {

std::atomic<bool> is_in_script = false;

void note_script(const v8::FunctionCallbackInfo<v8::Value>&) { is_in_script = true; }

// Never comes back.
void search_for_ever() {
  ScriptIsolate isolate;
  const v8::Locker locker(isolate.get());
  const v8::Isolate::Scope scope(isolate.get());
  const v8::HandleScope handles(isolate.get());
  const v8::Local<v8::Context> context = v8::Context::New(isolate.get());
  const v8::Context::Scope entered(context);
  const v8::Local<v8::Function> note = v8::Function::New(context, note_script).ToLocalChecked();
  context->Global()->Set(context, to_v8(isolate.get(), "note"), note).Check();
  const auto text = to_v8(isolate.get(), "note(); [].includes.call({ length: 2 ** 53 - 1 }, 1)");
  EXPECT_TRUE(v8::Script::Compile(context, text).ToLocalChecked()->Run(context).IsEmpty());
}

// Between the moment when somebody finds a turn that should have ended and the signal that stops it, the next turn may have begun.
TEST(Standstill, OfOneTurnStopsNoOther) {
  if (!kSignalsComeAtOnce) GTEST_SKIP() << "the thread sanitizer keeps signals back";
  const auto stop = [] {
    std::thread scripts(search_for_ever);
    while (!is_in_script) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::atomic<SteadyTime::rep> began = 1;
    const Turn before{began};
    began = 2;
    const bool stops_next = bring_to_a_standstill(scripts.native_handle(), before, std::chrono::milliseconds(100));
    const bool stops_own = bring_to_a_standstill(scripts.native_handle(), {began}, std::chrono::seconds(30));
    fmt::print(stderr, "next {} own {} stands {}\n", stops_next, stops_own, stands_still_in_v8());
    std::_Exit(3);
  };
  EXPECT_EXIT(stop(), testing::ExitedWithCode(3), "next false own true stands true");
}

}  // namespace
}  // namespace gantry::load
