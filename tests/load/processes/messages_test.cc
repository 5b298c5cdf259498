#include "load/processes/messages.h"

#include "load/processes/gathering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

std::vector<Message> read_in_pieces(std::string_view bytes, std::size_t piece) {
  MessageReader reader;
  std::vector<Message> messages;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
    for (;;) {
      const base::Result<std::optional<Message>> message = reader.next();
      EXPECT_TRUE(message);
      if (!message || !*message) break;
      messages.push_back(**message);
    }
  }
  return messages;
}

TEST(Messages, ComeInPiecesOfAnySize) {
  const std::vector<Message> said = {{Word::ready, "{}"},
                                     {Word::log, std::string("1 \nnull\0 and\xff\n\n", 15)},
                                     {Word::go, ""},
                                     {Word::summary, std::string(70'000, 'x')},
                                     {Word::failed, "2 3\n"}};
  std::string bytes;
  for (const Message& message : said) bytes += write_message(message.word, message.bytes);
  for (const std::size_t piece : {1, 2, 7, 4096, 1'000'000}) EXPECT_EQ(read_in_pieces(bytes, piece), said) << piece;
}

TEST(Messages, AreRefusedWhereNoneIsWrittenSo) {
  for (const std::string_view bytes : {"begin 0\n", "go\n", "go -1\n", "go 1x\n", "go 99999999999999\n",
                                       "a line that is longer than any that there is"}) {
    MessageReader reader;
    reader.feed(bytes);
    EXPECT_FALSE(reader.next()) << bytes;
  }
}

TEST(Messages, HaveLinesOfALog) {
  const base::Result<LogLine> line = read_log_line(write_log_line(LogLevel::warning, "two\nlines", "console"));
  ASSERT_TRUE(line);
  EXPECT_EQ(*line, (LogLine{LogLevel::warning, "console", "two\nlines"}));
  for (const std::string_view bytes : {"", "\n", "7 \nx", "1"}) EXPECT_FALSE(read_log_line(bytes)) << bytes;
}

TEST(Messages, HaveWholeErrors) {
  const base::Error error{.kind = base::ErrorKind::environment,
                          .message = "it is \"gone\"",
                          .where = base::SourcePos{std::make_shared<const std::string>("main.js"), 3, 14},
                          .help = "look",
                          .context = {"while it ran", "at all"}};
  const base::Node node = to_node(error);
  EXPECT_EQ(read_error(&node), error);
  EXPECT_FALSE(read_error(nullptr).message.empty());
}

TEST(Messages, HaveTextsOfAnyBytes) {
  const std::map<std::string, std::string> texts = {
      {"stdout", "a\nb"}, {"picture.png", std::string("\x89\0\xff", 3)}, {"empty", ""}};
  const auto read = read_texts(write_texts(texts));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, texts);
  EXPECT_TRUE(read_texts(write_texts({}))->empty());
  for (const std::string_view bytes : {"", "1\n", "1\n2 3\nabc", "x\n", "1\n99 1\na"})
    EXPECT_FALSE(read_texts(bytes)) << bytes;
}

}  // namespace
}  // namespace gantry::load
