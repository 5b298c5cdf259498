#pragma once

// A Git repository in a folder of its own, whatever the configuration of the machine says.

#include <string>
#include <string_view>
#include <vector>

namespace gantry::test {

// Runs git in the folder; throws std::runtime_error when it fails. Gives what it wrote, without the last newline.
std::string git(const std::string& directory, std::vector<std::string> arguments);

// Commits everything there is as that author ("Ada <ada@example.org>"); makes the repository first where there is none.
void commit_all(const std::string& directory, std::string_view author, std::string_view message = "work");

}  // namespace gantry::test
