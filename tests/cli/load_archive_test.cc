// gantry load archive: from outside. tests/cli/k6-archive.tar is what k6 2.2.0 wrote of such a script.

#include "cli/program.h"
#include "support/certificate.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace gantry::cli {
namespace {

using test::TempDir;

constexpr std::string_view kScript = R"(
import { two } from './lib/one.js';
const text = open('./data.csv');
const bytes = open('./pic.bin', 'b');
export const options = { vus: 3, iterations: 6, thresholds: { iterations: ['count==6'] } };
export default () => console.log(two, text.length, bytes.byteLength, __ENV.A, __ENV.B);
)";

void write_script(const TempDir& dir) {
  dir.write("there/main.js", kScript);
  dir.write("there/lib/one.js", "export const two = 2;\n");
  dir.write("there/data.csv", "a,b\n");
  dir.write("there/pic.bin", std::string_view("\xff\x00\x01", 3));
  dir.write("there/other.js", "");
}

TEST(LoadArchive, RunsElsewhereAsItIs) {
  const TempDir dir;
  write_script(dir);
  const Ran archived = gantry({"load", "archive", "-e", "A=1", "-i", "5", "-O", "here.tar", "there/main.js"}, dir);
  ASSERT_EQ(archived.status, 0) << archived;
  const TempDir elsewhere;
  elsewhere.write("here.tar", dir.read("here.tar"));
  // What was said when it was archived is in it; what is said now wins.
  const Ran ran = gantry({"load", "run", "--quiet", "--log-format", "raw", "-e", "B=2", "here.tar"}, elsewhere);
  EXPECT_EQ(ran.status, 99) << ran;
  EXPECT_NE(ran.err.find("2 4 3 1 2"), std::string::npos) << ran;
  EXPECT_NE(ran.out.find("✗ 'count==6' count=5"), std::string::npos) << ran;
  const Ran inspected = gantry({"load", "inspect", "-u", "4", "here.tar"}, elsewhere);
  EXPECT_EQ(inspected.json().at("iterations"), 5) << inspected;
  EXPECT_EQ(inspected.json().at("vus"), 4) << inspected;
}

TEST(LoadArchive, LeavesVariablesOut) {
  const TempDir dir;
  write_script(dir);
  ASSERT_EQ(gantry({"load", "archive", "-e", "A=secret", "--exclude-env-vars", "there/main.js"}, dir).status, 0);
  EXPECT_FALSE(dir.read("archive.tar").contains("secret"));
  // The place where it was is nobody's business.
  EXPECT_FALSE(dir.read("archive.tar").contains(dir.path()));
}

TEST(LoadArchive, SaysThatItHoldsKeys) {
  const TempDir dir;
  const test::Certificate mine = test::make_certificate("client");
  dir.write("cert.pem", mine.chain);
  dir.write("key.pem", mine.key);
  dir.write("keys.js",
            "export const options = { tlsAuth: [{ cert: open('cert.pem'), key: open('key.pem') }] };\n"
            "export default () => 1;");
  dir.write("none.js", "export default () => 1;");
  const Ran keys = gantry({"load", "archive", "keys.js"}, dir);
  const Ran none = gantry({"load", "archive", "none.js"}, dir);
  EXPECT_TRUE(keys.err.contains("holds the private keys of tlsAuth")) << keys;
  EXPECT_EQ(none.err, "") << none;
}

TEST(LoadArchive, OfK6Runs) {
  const TempDir dir;
  dir.write("k6.tar", test::read_test_file("cli/k6-archive.tar"));
  const Ran ran = gantry({"k6", "run", "--quiet", "--log-format", "raw", "k6.tar"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_NE(ran.err.find("2 4 3 1 undefined"), std::string::npos) << ran;
  EXPECT_NE(ran.out.find("✓ 'count==6' count=6"), std::string::npos) << ran;
}

TEST(LoadArchive, OfAStrangerIsRefused) {
  const TempDir dir;
  dir.write("cut.tar", test::read_test_file("cli/k6-archive.tar").substr(0, 700));
  expect_failure(gantry({"load", "run", "cut.tar"}, dir), 2, {"the archive cannot be read"});
}

}  // namespace
}  // namespace gantry::cli
