#include "load/script/isolate.h"

#include <gtest/gtest.h>

#include <string_view>

namespace gantry::load {
namespace {

std::size_t bytes_in(v8::Isolate* isolate, std::string_view space_name) {
  for (std::size_t i = 0; i < isolate->NumberOfHeapSpaces(); ++i) {
    v8::HeapSpaceStatistics space;
    isolate->GetHeapSpaceStatistics(&space, i);
    if (space.space_name() == space_name) return space.space_used_size();
  }
  ADD_FAILURE() << "V8 has no " << space_name;
  return 0;
}

TEST(ScriptIsolate, MovesWhatIsKeptOutOfTheYoungGeneration) {
  ScriptIsolate isolate;
  const v8::Locker locker(isolate.get());
  const v8::Isolate::Scope in(isolate.get());
  const v8::HandleScope handles(isolate.get());
  const v8::Local<v8::Context> context = v8::Context::New(isolate.get());
  const v8::Context::Scope inside(context);
  const std::size_t old_before = bytes_in(isolate.get(), "old_space");
  // Some hundreds of KiB, which no collection has seen.
  const v8::Local<v8::Script> script =
      v8::Script::Compile(context,
                          v8::String::NewFromUtf8Literal(
                              isolate.get(), "var kept = []; for (let i = 0; i < 5000; ++i) kept.push([i, i, i, i]);"))
          .ToLocalChecked();
  ASSERT_FALSE(script->Run(context).IsEmpty());
  constexpr std::size_t kKept = 5000 * 6 * 8;
  ASSERT_GT(bytes_in(isolate.get(), "new_space"), kKept);
  ASSERT_LT(bytes_in(isolate.get(), "old_space"), old_before + kKept);
  isolate.settle();
  EXPECT_GT(bytes_in(isolate.get(), "old_space"), old_before + kKept);
}

}  // namespace
}  // namespace gantry::load
