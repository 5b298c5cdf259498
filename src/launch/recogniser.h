#pragma once

// What one line of commands comes to, gathered program by program. Private to the recognition of commands.

#include "launch/commands.h"
#include "launch/shell_line.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::launch {

class Recogniser {
 public:
  // `command` must outlive this.
  explicit Recogniser(const QuotedCommand& command) : command_(command) {}

  using Parameters = std::vector<std::pair<std::string_view, base::Node>>;
  void bind(std::string_view check, const Parameters& parameters, std::string note = {});
  // The command leads to no check, and why.
  void give_up(std::string_view why, std::string fix = "put a gantry block under the step, or let a person sign it");

  // Where the commands after it on the line run: "cd impl && kubectl apply -k manifests".
  void change_directory(std::span<const ShellWord> arguments);
  // A word as a path of the workspace, or the reason why it is none.
  std::expected<std::string, std::string> path_of(const ShellWord& word) const;

  Recognised take() { return std::move(result_); }

 private:
  const QuotedCommand& command_;
  std::optional<std::string> directory_ = "";  // with a slash at its end; nothing when only a shell would know
  Recognised result_;
};

// The words behind "kubectl". In commands_kubectl.cc.
void read_kubectl(std::span<const ShellWord> words, Recogniser& recogniser);

}  // namespace gantry::launch
