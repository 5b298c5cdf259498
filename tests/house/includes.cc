#include "house/includes.h"

#include "house/cpp_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

namespace gantry::house {

namespace {

struct Header {
  std::string_view name;
  std::string_view names;  // that it declares, each between blanks
};

// Names that several headers declare, or that every one brings along (std::move, std::size_t, std::pair, std::less), are left out.
constexpr std::array kHeaders = {
    Header{"algorithm",
           " adjacent_find all_of any_of binary_search clamp copy copy_if count count_if equal equal_range fill find "
           "find_if find_if_not "
           "for_each includes is_sorted lexicographical_compare lower_bound max max_element merge min min_element "
           "minmax mismatch "
           "next_permutation none_of nth_element partition remove_if replace replace_if reverse rotate search "
           "set_difference "
           "set_intersection set_union sort stable_partition stable_sort transform unique upper_bound "},
    Header{"array", " array to_array "},
    Header{"atomic", " atomic memory_order_acquire memory_order_relaxed memory_order_release "},
    Header{"bit", " bit_cast bit_ceil bit_width countl_zero countr_zero popcount "},
    Header{"cctype", " isalnum isalpha isdigit isspace isxdigit tolower toupper "},
    Header{"charconv", " chars_format from_chars to_chars "},
    Header{"chrono", " chrono chrono_literals "},
    Header{"cmath", " ceil floor isfinite isinf isnan llround log log10 lround nan pow round sqrt trunc "},
    Header{"compare", " is_gt is_gteq is_lt is_lteq is_neq strong_ordering "},
    Header{"concepts", " integral same_as "},
    Header{"condition_variable", " condition_variable condition_variable_any "},
    Header{"cstdint", " int16_t int32_t int64_t int8_t uint16_t uint32_t uint64_t uint8_t uintmax_t uintptr_t "},
    Header{"cstdio", " fflush ferror fputs fwrite "},
    Header{"cstdlib", " getenv strtoll "},
    Header{"cstring", " memchr memcmp memcpy strcmp strerror "},
    Header{"deque", " deque "},
    Header{"expected", " expected unexpected "},
    Header{"filesystem", " filesystem "},
    Header{"fmt/format.h",
           " fmt::format fmt::format_to fmt::formatter fmt::join fmt::memory_buffer fmt::runtime fmt::to_string "},
    Header{"functional", " bind_front cref function invoke not_fn ref reference_wrapper "},
    Header{"iterator",
           " back_insert_iterator back_inserter distance inserter istreambuf_iterator make_move_iterator next prev "},
    Header{"limits", " numeric_limits "},
    Header{"map", " map multimap "},
    Header{"memory", " enable_shared_from_this make_shared make_unique shared_ptr unique_ptr weak_ptr "},
    Header{"mutex", " call_once lock_guard mutex once_flag scoped_lock unique_lock "},
    Header{"numeric", " accumulate gcd iota partial_sum reduce "},
    Header{"optional", " make_optional nullopt optional "},
    Header{"queue", " priority_queue queue "},
    Header{"random", " mt19937_64 uniform_int_distribution "},
    Header{"ranges", " views "},
    Header{"set", " multiset set "},
    Header{"span", " as_bytes span "},
    Header{"sstream", " istringstream ostringstream stringstream "},
    Header{"stop_token", " stop_callback stop_source stop_token "},
    Header{"string", " stoi stoull string to_string "},
    Header{"string_view", " string_view "},
    Header{"system_error", " error_code generic_category system_error "},
    Header{"thread", " jthread this_thread thread "},
    Header{"tuple", " apply make_tuple tie tuple "},
    Header{"unordered_map", " unordered_map unordered_multimap "},
    Header{"unordered_set", " unordered_set "},
    Header{"utility", " as_const exchange index_sequence make_index_sequence to_underlying unreachable "},
    Header{"variant", " bad_variant_access get_if holds_alternative monostate variant variant_size_v visit "},
    Header{"vector", " vector "},
};

// Headers that the standard, or a program of POSIX, has bring along what another declares.
constexpr std::array kBringers = {
    std::pair<std::string_view, std::string_view>{"thread", "stop_token"},  // C++20: std::jthread hands one out
    std::pair<std::string_view, std::string_view>{"condition_variable", "stop_token"},
};

bool is_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The name after std:: or fmt::, without what follows the first part: "vector" of std::vector<int>::iterator.
std::string_view read_name(std::string_view words, std::size_t at) {
  if (words.substr(at).starts_with("ranges::")) at += std::string_view("ranges::").size();
  const auto end = std::find_if_not(words.begin() + static_cast<std::ptrdiff_t>(at), words.end(), is_of_name);
  return words.substr(at, static_cast<std::size_t>(end - words.begin()) - at);
}

// Headers that the words need, each with a name of it and where that is first.
struct Use {
  std::string name;
  std::size_t at = 0;
};
using Needs = std::map<std::string_view, Use>;

void note_uses(std::string_view words, std::string_view space, std::string_view shown_in_table, Needs& needs) {
  for (std::size_t at = words.find(space); at != std::string_view::npos; at = words.find(space, at + 1)) {
    if (at > 0 && (is_of_name(words[at - 1]) || words[at - 1] == ':')) continue;
    const std::string_view name = read_name(words, at + space.size());
    const std::string entry = fmt::format(" {}{} ", shown_in_table, name);
    const auto header = std::ranges::find_if(kHeaders, [&](const Header& h) { return h.names.contains(entry); });
    if (header == kHeaders.end()) continue;
    const auto end = static_cast<std::size_t>(name.data() + name.size() - words.data());
    needs.try_emplace(header->name, std::string(words.substr(at, end - at)), at);
  }
}

Needs find_needs(std::string_view words) {
  Needs needs;
  note_uses(words, "std::", "", needs);
  note_uses(words, "fmt::", "fmt::", needs);
  return needs;
}

// The file's own text decides what it includes: the quoted names are files of the tree, the others headers.
class Includes {
 public:
  explicit Includes(const SourceTree& tree) : tree_(tree) {}

  // All headers in angle brackets that the file gets, through files of ours too.
  const std::set<std::string>& of(const std::string& path) {
    const auto [it, is_new] = known_.try_emplace(path);
    const auto file = tree_.find(path);
    if (!is_new || file == tree_.end()) return it->second;
    std::set<std::string> headers;
    std::istringstream lines(split_cpp(file->second).code);
    for (std::string line; std::getline(lines, line);) add(line, headers);
    return known_[path] = std::move(headers);
  }

 private:
  void add(std::string_view line, std::set<std::string>& headers) {
    constexpr std::string_view kDirective = "#include ";
    if (!line.starts_with(kDirective) || line.size() < kDirective.size() + 2) return;
    line.remove_prefix(kDirective.size());
    const std::string name(line.substr(1, line.find_first_of("\">", 1) - 1));
    if (line[0] == '<') {
      headers.insert(name);
    } else {
      headers.insert(of(name).begin(), of(name).end());
    }
  }

  const SourceTree& tree_;
  std::map<std::string, std::set<std::string>> known_;
};

bool has(const std::set<std::string>& headers, std::string_view wanted) {
  if (headers.contains(std::string(wanted))) return true;
  return std::ranges::any_of(
      kBringers, [&](const auto& pair) { return pair.second == wanted && headers.contains(std::string(pair.first)); });
}

}  // namespace

std::vector<std::string> find_missing_includes(const SourceTree& tree) {
  Includes includes(tree);
  std::vector<std::string> missing;
  for (const auto& [path, content] : tree) {
    const std::string words = split_cpp(content).words;
    for (const auto& [header, use] : find_needs(words)) {
      if (has(includes.of(path), header)) continue;
      const auto line = 1 + std::count(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(use.at), '\n');
      missing.push_back(fmt::format("src/{}:{}: uses {} without <{}>", path, line, use.name, header));
    }
  }
  return missing;
}

}  // namespace gantry::house
