#include "cli/terminal.h"

#include "base/text.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace gantry::cli {

namespace {

constexpr int kWidthMin = 40;
constexpr int kWidthMax = 160;  // longer lines are hard to read, however wide the terminal is
// Work that ends within this time needs no bar: drawing and erasing it would only flicker.
constexpr std::chrono::milliseconds kQuietTime{100};

bool environment_wants_plain() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (no_colour && *no_colour) || (terminal && std::strcmp(terminal, "dumb") == 0);
}

int terminal_width(int stream) {
  winsize size{};
  if (isatty(stream) && ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return std::clamp(static_cast<int>(size.ws_col), kWidthMin, kWidthMax);
  return 100;
}

}  // namespace

Terminal::Terminal(ColourChoice choice) {
  const bool may_colour = choice == ColourChoice::automatic && !environment_wants_plain();
  error_is_terminal_ = isatty(STDERR_FILENO) == 1;
  output_colour_ = may_colour && isatty(STDOUT_FILENO) == 1;
  error_colour_ = may_colour && error_is_terminal_;
  width_ = terminal_width(STDOUT_FILENO);
  error_width_ = terminal_width(STDERR_FILENO);
}

report::RenderOptions Terminal::render_options() const {
  return {.width = width_,
          .colour = output_colour_ ? report::Colour::on : report::Colour::off,
          .detail = report::Detail::normal};
}

base::Result<void> Terminal::print(std::string_view text) const {
  errno = 0;
  const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (is_written || errno == EPIPE) return {};
  return base::environment_error(fmt::format("the result cannot be written to stdout: {}", std::strerror(errno)),
                                 "free some space, or send it elsewhere; what was recorded is kept");
}

void Terminal::say(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), stderr); }

void Terminal::show(const base::Error& error) const {
  const std::string text = base::describe(error);
  constexpr std::string_view kHead = "error:";
  if (error_colour_ && text.starts_with(kHead)) {
    say(fmt::format("\x1b[1;31m{}\x1b[0m{}", kHead, std::string_view(text).substr(kHead.size())));
  } else {
    say(text);
  }
}

void ProgressLine::begin(std::string_view what, std::uint64_t total) {
  what_ = what;
  total_ = total;
  done_ = 0;
  begun_ = std::chrono::steady_clock::now();
}

void ProgressLine::advance(std::uint64_t done) {
  done_ = done;
  draw();
}

void ProgressLine::note(std::string_view text) {
  note_ = text;
  draw();
}

void ProgressLine::end() {
  if (is_drawn_) std::fputs("\r\x1b[K", stderr);
  is_drawn_ = false;
}

void ProgressLine::draw() {
  if (!shows_ || std::chrono::steady_clock::now() - begun_ < kQuietTime) return;
  constexpr int kBarCells = 20;
  const int filled = total_ == 0 ? 0 : static_cast<int>(std::min(done_, total_) * kBarCells / total_);
  std::string bar;
  for (int cell = 0; cell < kBarCells; ++cell) bar += cell < filled ? "█" : "░";
  const std::string line = fmt::format("{} {} {}/{}  {}", what_, bar, done_, total_, note_);
  std::fputs(fmt::format("\r\x1b[K{}", base::fit_width(line, 78)).c_str(), stderr);
  std::fflush(stderr);
  is_drawn_ = true;
}

}  // namespace gantry::cli
