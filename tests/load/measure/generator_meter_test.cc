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

}  // namespace
}  // namespace gantry::load
