#include "load/script/thread_id.h"

#include "load/crew/crew.h"
#include "load/script/exception.h"
#include "load/script/isolate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <list>
#include <memory>

namespace gantry::load {
namespace {

TEST(ThreadId, IsAskedOfUs) {
  const ScriptIsolate isolate;
  EXPECT_TRUE(v8_counts_fibers());
}

// Each fiber holds a handle to a young object while it waits with V8 unlocked; a collection moves the objects meanwhile.
TEST(ThreadId, LetsV8FindTheHandlesOfFibersThatWait) {
  ScriptIsolate isolate;
  const std::unique_ptr<Crew> crew = *Crew::create();
  Member self;
  crew->adopt(self);
  std::list<Member> members;
  int at_work = 0;
  for (int i = 0; i < 20; ++i) {
    Member& member = members.emplace_back();
    ++at_work;
    ASSERT_TRUE(crew->spawn(member, [&, i] {
      {
        const v8::Locker locker(isolate.get());
        const v8::Isolate::Scope scope(isolate.get());
        const v8::HandleScope handles(isolate.get());
        isolate.limit_stack(std::size_t{400} << 10);
        const v8::Local<v8::Context> context = v8::Context::New(isolate.get());
        const v8::Context::Scope entered(context);
        const v8::Local<v8::String> text = to_v8(isolate.get(), fmt::format("what {} holds", i));
        for (int round = 0; round < 3; ++round) {
          {
            const v8::Unlocker unlocker(isolate.get());
            crew->sleep(member, std::chrono::steady_clock::now() + std::chrono::microseconds(100));
          }
          EXPECT_EQ(isolate.get()->GetCurrentContext(), context);
          isolate.get()->LowMemoryNotification();
          EXPECT_EQ(to_text(isolate.get(), text), fmt::format("what {} holds", i));
        }
      }
      if (--at_work == 0) crew->wake(self);
    }));
  }
  while (at_work > 0) ASSERT_EQ(crew->park(self), Wake::ready);
}

}  // namespace
}  // namespace gantry::load
