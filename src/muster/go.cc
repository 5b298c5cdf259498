#include "muster/go.h"

#include "base/digest.h"
#include "base/text.h"
#include "muster/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace gantry::muster {

namespace {

constexpr std::string_view kGo = "go";
constexpr std::size_t kHead = 3;  // words before the members
constexpr std::size_t kIdLetters = 16;

}  // namespace

std::string Go::text() const {
  std::string text = fmt::format("{} {} {}", kGo, purpose, collector);
  for (const auto& [name, process] : members) text += fmt::format(" {} {}", name, process);
  return text;
}

std::string Go::id() const {
  base::DigestBuilder digest;
  digest.add(purpose).add(collector);
  for (const auto& [name, process] : members) digest.add(name).add(process);
  return digest.hex().substr(0, kIdLetters);
}

std::optional<Go> read_go(std::string_view text) {
  const std::vector<std::string_view> words = base::split(text, ' ');
  if (!std::ranges::all_of(words, is_name) || words.front() != kGo) return std::nullopt;
  if (words.size() < kHead || (words.size() - kHead) % 2 != 0) return std::nullopt;
  Go go{.purpose = std::string(words[1]), .collector = std::string(words[2]), .members = {}};
  for (std::size_t i = kHead; i < words.size(); i += 2)
    if (!go.members.emplace(words[i], words[i + 1]).second) return std::nullopt;  // one name, two processes
  return go;
}

}  // namespace gantry::muster
