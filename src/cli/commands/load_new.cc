#include "cli/command.h"

#include "cli/named_file.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace gantry::cli {

namespace {

using base::Result;

struct NewFlags {
  std::string file = "script.js";
  std::string start = "minimal";
  bool overwrites = false;
};

struct Template {
  std::string_view name;
  std::string_view text;
};
constexpr std::array<Template, 2> kTemplates = {{{"minimal", R"(import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  vus: 10,
  duration: '30s',
};

export default function () {
  const response = http.get(__ENV.TARGET || 'http://127.0.0.1:8000/health');
  check(response, { 'status is 200': (r) => r.status === 200 });
  sleep(1);
}
)"},
                                                 {"protocol", R"(import http from 'k6/http';
import { check, group } from 'k6';

const target = __ENV.TARGET || 'http://127.0.0.1:8000';

// Requests arrive at their own pace, however long the answers take: as those of users do.
export const options = {
  scenarios: {
    visitors: {
      executor: 'constant-arrival-rate',
      rate: 50,
      timeUnit: '1s',
      duration: '1m',
      preAllocatedVUs: 20,
      maxVUs: 200,
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    'http_req_duration{scenario:visitors}': ['p(95)<500', 'p(99)<1000'],
    dropped_iterations: ['count<1'],
  },
};

export function setup() {
  const response = http.get(`${target}/health`);
  if (response.status !== 200) throw new Error(`${target} is not ready: ${response.status} ${response.error}`);
}

export default function () {
  group('health', () => {
    const response = http.get(`${target}/health`, { tags: { name: 'health' } });
    check(response, { 'status is 200': (r) => r.status === 200 });
  });
}
)"}}};

Result<int> run_new(const Invocation& invocation, const NewFlags& flags) {
  for (const Template& each : kTemplates) {
    if (each.name != flags.start) continue;
    if (!flags.overwrites && std::filesystem::exists(flags.file))
      return base::usage_error(fmt::format("{} is there already", flags.file),
                               "name another file, or give -f to write over it");
    TRY(write_named_file(flags.file, each.text));
    invocation.terminal.say(fmt::format("{} is written: gantry load run {}\n", flags.file, flags.file));
    return 0;
  }
  return base::usage_error(fmt::format("--template {} is none", flags.start), "write minimal or protocol");
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<NewFlags>();
  app.add_option("FILE", flags->file, "Where to write it (default script.js)");
  app.add_option("--template", flags->start, "What to start from: minimal, protocol (default minimal)")
      ->type_name("NAME");
  app.add_flag("-f,--force", flags->overwrites, "Write over a file that is there");
  app.callback([flags, &action] { action = result_action(flags, run_new); });
}

}  // namespace

extern const Command kLoadNewCommand;
const Command kLoadNewCommand = {.name = "new",
                                 .summary = "Write a k6 script to start from",
                                 .examples =
                                     "  gantry load new\n"
                                     "  gantry load new --template protocol tests/load/visitors.js",
                                 .define = define};

}  // namespace gantry::cli
