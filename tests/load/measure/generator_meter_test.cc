#include "load/measure/generator_meter.h"

#include <gtest/gtest.h>

namespace gantry::load {
namespace {

TEST(GeneratorMeter, MeasuresUntilItIsStopped) {
  GeneratorMeter meter;
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  Generator generator;
  meter.stop(generator);
  EXPECT_GE(generator.played, std::chrono::milliseconds(50));
  EXPECT_FALSE(generator.delays.empty());
  EXPECT_GE(generator.cpu_share(), 0);
}

TEST(GeneratorMeter, SaysMeanwhileHowItIs) {
  GeneratorMeter meter;
  Generator early;
  for (int i = 0; i < 10'000 && early.delays.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    meter.read(early);
  }
  EXPECT_FALSE(early.delays.empty());
  Generator last;
  meter.stop(last);
  EXPECT_GT(last.played, early.played);
  EXPECT_GE(last.cpu, early.cpu);
  EXPECT_GE(last.delays.count(), early.delays.count());
}

}  // namespace
}  // namespace gantry::load
