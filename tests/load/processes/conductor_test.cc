// Who of several processes may go on when. Each line of a scene is what a process says and what is told to whom then.

#include "load/processes/conductor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

// "0 go, 1 go"
std::string dump(const Orders& orders) {
  std::string text;
  for (const Order& order : orders) {
    const std::string message = write_message(order.message.word);
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", order.to, message.substr(0, message.find(' ')),
                        order.message.bytes.empty() ? "" : fmt::format("({})", order.message.bytes));
  }
  return text;
}

TEST(Conductor, LetsAllGoOnTogether) {
  Conductor conductor(3);
  EXPECT_EQ(dump(conductor.hear(0, Word::ready, "")), "");
  EXPECT_EQ(dump(conductor.hear(2, Word::ready, "")), "");
  EXPECT_EQ(dump(conductor.hear(1, Word::ready, "")), "0 go, 1 go, 2 go");
  EXPECT_EQ(dump(conductor.hear(1, Word::set_up, "")), "");
  EXPECT_EQ(dump(conductor.hear(2, Word::set_up, "")), "");
  EXPECT_EQ(dump(conductor.hear(0, Word::set_up, "{}")), "0 play({}), 1 play({}), 2 play({})");
  // Teardown is the first one's, once the others have played, whoever is through first.
  EXPECT_EQ(dump(conductor.hear(0, Word::played, "")), "");
  EXPECT_EQ(dump(conductor.hear(1, Word::played, "")), "");
  EXPECT_EQ(dump(conductor.hear(1, Word::summary, "")), "");
  EXPECT_EQ(dump(conductor.hear(2, Word::played, "")), "0 teardown");
  EXPECT_EQ(dump(conductor.hear(2, Word::summary, "")), "");
  EXPECT_FALSE(conductor.wants_whole());
  EXPECT_EQ(dump(conductor.hear(0, Word::asks, "")), "");
  EXPECT_TRUE(conductor.wants_whole());
  EXPECT_FALSE(conductor.are_all_over());
  EXPECT_EQ(dump(conductor.hear(0, Word::delivered, "")), "");
  EXPECT_TRUE(conductor.are_all_over());
  EXPECT_FALSE(conductor.is_ending());
}

TEST(Conductor, EndsAllWhereOneWasCutShort) {
  Conductor conductor(2);
  for (const Word word : {Word::ready, Word::set_up})
    for (const std::size_t process : {0, 1}) conductor.hear(process, word, "");
  EXPECT_EQ(dump(conductor.hear(0, Word::played, "cut short")), "0 end, 1 end");
  EXPECT_EQ(dump(conductor.hear(1, Word::played, "")), "0 teardown");
}

TEST(Conductor, LetsNobodyBeginThatIsToEnd) {
  Conductor conductor(2);
  EXPECT_EQ(dump(conductor.hear(0, Word::ready, "")), "");
  EXPECT_EQ(dump(conductor.end(Word::stop)), "0 stop, 1 stop");
  EXPECT_EQ(dump(conductor.end(Word::end)), "");
  EXPECT_EQ(dump(conductor.hear(1, Word::ready, "")), "");
}

TEST(Conductor, WaitsForNobodyWhoIsGone) {
  Conductor conductor(3);
  for (const Word word : {Word::ready, Word::set_up})
    for (const std::size_t process : {0, 1, 2}) conductor.hear(process, word, "");
  EXPECT_EQ(dump(conductor.hear(0, Word::played, "")), "");
  EXPECT_EQ(dump(conductor.lose(1)), "0 end, 2 end");
  EXPECT_EQ(dump(conductor.lose(2)), "0 teardown");
  EXPECT_EQ(dump(conductor.hear(0, Word::summary, "")), "");
  EXPECT_TRUE(conductor.are_all_over());
}

}  // namespace
}  // namespace gantry::load
