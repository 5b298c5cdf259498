#include "load/http/response_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace gantry::load {

namespace {

using Done = std::expected<void, ResponseError>;

constexpr std::size_t kHeadersUsual = 16;
constexpr std::size_t kChunkLineMax = 4096;  // a size and its extensions, or one trailer

constexpr std::unexpected<ResponseError> kMalformed{ResponseError::malformed};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
}

// One of 64, by its length and its first letter.
std::uint64_t mark_of(std::string_view name) {
  const std::size_t first = name.empty() ? 0 : static_cast<unsigned char>(lower(name.front()));
  return std::uint64_t{1} << ((name.size() * 7 + first) % 64);
}

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> is_of_token{};
  for (std::size_t c = 0x21; c < 0x7F; ++c)
    is_of_token[c] = std::string_view("\"(),/:;<=>?@[\\]{}").find(static_cast<char>(c)) == std::string_view::npos;
  return is_of_token;
}();

std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

// The text up to the next line's end, which is taken off with it; LF alone ends a line too.
std::string_view take_line(std::string_view& text) {
  const std::size_t at = text.find('\n');
  std::string_view line = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Where the empty line behind the head ends; npos while it has not come. `from` is where new bytes begin.
std::size_t find_head_end(std::string_view text, std::size_t from) {
  // The empty line may have begun up to three bytes before.
  for (std::size_t at = text.find('\n', from < 3 ? 0 : from - 3); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (text.substr(at + 1).starts_with('\n')) return at + 2;
    if (text.substr(at + 1).starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

// Lines that go on with the value before (RFC 9112, §5.2), as parts of it.
std::string unfold(std::string_view head) {
  std::string whole;
  for (std::string_view line = take_line(head); !line.empty(); line = take_line(head)) {
    // Neither a header nor the end: read_head() refuses nothing at all.
    if (line == "\r") return {};
    const bool goes_on = line.front() == ' ' || line.front() == '\t';
    const std::string_view part = goes_on ? trim(line) : line;
    if (goes_on) whole.erase(trim(whole).size());
    if (!whole.empty()) whole.append(goes_on ? " " : "\n");
    whole.append(part);
  }
  return whole + "\n\n";
}

Done read_status_line(std::string_view line, ResponseHead& head) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12) return kMalformed;
  if (line[7] != '0' && line[7] != '1') return kMalformed;
  head.version = line[7] == '0' ? HttpVersion::http1_0 : HttpVersion::http1_1;
  if (line[8] != ' ') return kMalformed;
  const std::optional<std::uint64_t> status = parse_number(line.substr(9, 3), 10);
  if (!status || *status < 100 || (line.size() > 12 && line[12] != ' ')) return kMalformed;
  head.status = static_cast<int>(*status);
  head.reason = line.size() > 13 ? std::string(trim(line.substr(13))) : std::string();
  return {};
}

// "gzip, chunked" -> true: the last coding is the one that frames.
bool ends_with_token(std::string_view list, std::string_view token) {
  const std::size_t comma = list.rfind(',');
  return equal_ignoring_case(trim(comma == std::string_view::npos ? list : list.substr(comma + 1)), token);
}
bool has_token(std::string_view list, std::string_view token) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return kTokenBytes[c]; });
}

std::string_view to_string(ResponseError error) {
  constexpr std::array<std::string_view, 5> kTexts = {"malformed HTTP response", "the response's head is too long",
                                                      "the response's body is too long",
                                                      "there is no room for more of the response's body: all that are "
                                                      "under way have a quarter of the machine's memory; "
                                                      "use responseType 'none' or discardResponseBodies, or fewer VUs",
                                                      "unexpected EOF"};
  return kTexts[static_cast<std::size_t>(error)];
}

std::string_view to_string(HttpVersion version) {
  constexpr std::array<std::string_view, 3> kTexts = {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"};
  return kTexts[static_cast<std::size_t>(version)];
}

Headers::Headers(std::string text, std::vector<Place> places) {
  std::uint64_t marks = 0;
  for (const Place& place : places) marks |= mark_of(std::string_view(text).substr(place.name_at, place.name_size));
  read_ = std::make_shared<const Read>(Read{std::move(text), std::move(places), marks});
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  if (!read_ || (read_->marks & mark_of(name)) == 0) return std::nullopt;
  for (std::size_t i = 0; i < size(); ++i)
    if (const auto [key, value] = (*this)[i]; equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::expected<std::size_t, ResponseError> ResponseParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::done) {
    const std::expected<std::size_t, ResponseError> part =
        state_ == State::head ? feed_head(bytes.substr(used)) : feed_body(bytes.substr(used));
    if (!part) return part;
    used += *part;
  }
  return used;
}

Done ResponseParser::end() {
  may_reuse_ = false;
  if (state_ != State::until_end && state_ != State::done) return std::unexpected(ResponseError::cut_off);
  state_ = State::done;
  return {};
}

std::expected<std::size_t, ResponseError> ResponseParser::feed_head(std::string_view bytes) {
  const std::size_t before = line_.size();
  if (before == 0)
    if (const std::size_t used = take_known_head(bytes); used > 0) return used;
  // Most heads come whole: those are read where they are.
  std::string_view text = bytes;
  if (before > 0) {
    line_.append(bytes.substr(0, kHeadBytesMax - before + 1));
    text = line_;
  }
  const std::size_t end = find_head_end(text, before);
  if (head_bytes_ + std::min(end, text.size()) > kHeadBytesMax) return std::unexpected(ResponseError::head_too_long);
  if (end == std::string_view::npos) {
    if (before == 0) line_ = bytes;
    return bytes.size();
  }
  const std::size_t used = end - before;
  head_bytes_ += end;
  if (const Done read = read_head(text.substr(0, end)); !read) return std::unexpected(read.error());
  line_.clear();
  // What came in pieces is not looked for, and a folded head has another text than it came with.
  const bool may_come_again = before == 0 && state_ != State::head && head_.headers.text().size() == end;
  if (known_ && may_come_again) known_->keep({head_, state_, may_reuse_, left_});
  return used;
}

// Its size; 0 where it is not known.
std::size_t ResponseParser::take_known_head(std::string_view bytes) {
  const KnownHeads::Known* const known = known_ ? known_->find(bytes) : nullptr;
  const std::size_t size = known ? known->head.headers.text().size() : 0;
  if (!known || head_bytes_ + size > kHeadBytesMax) return 0;
  head_ = known->head;
  state_ = known->state;
  may_reuse_ = known->may_reuse;
  left_ = known->left;
  head_bytes_ += size;
  return size;
}

const ResponseParser::KnownHeads::Known* ResponseParser::KnownHeads::find(std::string_view bytes) const {
  for (const Known& known : known_)
    if (known.state != State::head && bytes.starts_with(known.head.headers.text())) return &known;
  return nullptr;
}

void ResponseParser::KnownHeads::keep(Known known) {
  if (known.head.headers.text().size() > kBytesMax) return;
  known_[oldest_] = std::move(known);
  oldest_ = (oldest_ + 1) % known_.size();
}

Done ResponseParser::read_head(std::string_view bytes) {
  head_ = {};
  std::string text(bytes);
  std::vector<Headers::Place> places;
  places.reserve(kHeadersUsual);
  std::string_view rest = text;
  if (const Done read = read_status_line(take_line(rest), head_); !read) return read;
  const auto place_of = [&text](std::string_view part) {
    return static_cast<std::uint32_t>(part.data() - text.data());
  };
  bool has_folds = false;
  for (std::string_view line = take_line(rest); !line.empty(); line = take_line(rest)) {
    if (line.front() == ' ' || line.front() == '\t') {
      has_folds = true;
      break;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return kMalformed;
    const std::string_view value = trim(line.substr(colon + 1));
    places.push_back(
        {place_of(line), static_cast<std::uint32_t>(colon), place_of(value), static_cast<std::uint32_t>(value.size())});
  }
  if (has_folds) {
    if (places.empty()) return kMalformed;
    return read_head(unfold(bytes));
  }
  head_.headers = Headers(std::move(text), std::move(places));
  return read_framing();
}

// RFC 9112, §6.3: what the body's length is.
Done ResponseParser::read_framing() {
  const bool is_interim = head_.status < 200 && head_.status != 101;
  if (is_interim) return {};  // another head follows
  const std::string_view connection = head_.header("connection");
  may_reuse_ =
      head_.version == HttpVersion::http1_1 ? !has_token(connection, "close") : has_token(connection, "keep-alive");
  if (is_without_body_ || head_.status == 204 || head_.status == 304 || head_.status == 101) {
    state_ = State::done;
    return {};
  }
  if (const std::string_view coding = head_.header("transfer-encoding");
      !coding.empty() && head_.version == HttpVersion::http1_1) {
    if (!ends_with_token(coding, "chunked")) return kMalformed;
    state_ = State::chunk_size;
    return {};
  }
  std::optional<std::uint64_t> length;
  for (std::size_t i = 0; i < head_.headers.size(); ++i) {
    const auto [name, value] = head_.headers[i];
    if (!equal_ignoring_case(name, "content-length")) continue;
    const std::optional<std::uint64_t> number = parse_number(value, 10);
    if (!number || (length && *length != *number)) return kMalformed;
    length = number;
  }
  state_ = !length ? State::until_end : *length == 0 ? State::done : State::fixed;
  left_ = length.value_or(0);
  if (!length) may_reuse_ = false;
  return {};
}

Done ResponseParser::keep(std::string_view bytes) {
  body_bytes_ += bytes.size();
  if (keep_ == Body::discard) return {};
  if (body_.size() + bytes.size() > body_bytes_max_) return std::unexpected(ResponseError::body_too_long);
  // One allocation where the length is known, unless somebody claims a length that never comes.
  if (body_.empty() && state_ == State::fixed)
    body_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(left_, 1U << 20)));
  if (!body_.append(bytes)) return std::unexpected(ResponseError::no_room);
  return {};
}

std::expected<std::size_t, ResponseError> ResponseParser::feed_body(std::string_view bytes) {
  if (state_ != State::fixed && state_ != State::chunk_data && state_ != State::until_end) return feed_line(bytes);
  const std::string_view part =
      state_ == State::until_end
          ? bytes
          : bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  if (const Done kept = keep(part); !kept) return std::unexpected(kept.error());
  if (state_ == State::until_end) return part.size();
  left_ -= part.size();
  if (left_ == 0) state_ = state_ == State::fixed ? State::done : State::chunk_end;
  return part.size();
}

std::expected<std::size_t, ResponseError> ResponseParser::feed_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t used = end == std::string_view::npos ? bytes.size() : end + 1;
  if (line_.size() + used > kChunkLineMax) return kMalformed;
  line_.append(bytes.substr(0, used));
  if (end == std::string_view::npos) return used;
  if (const Done read = read_line(); !read) return std::unexpected(read.error());
  line_.clear();
  return used;
}

Done ResponseParser::read_line() {
  std::string_view text = line_;
  const std::string_view line = take_line(text);
  switch (state_) {
    case State::chunk_size: {
      const std::optional<std::uint64_t> size = parse_number(trim(line.substr(0, line.find(';'))), 16);
      if (!size) return kMalformed;
      left_ = *size;
      state_ = *size == 0 ? State::trailer : State::chunk_data;
      return {};
    }
    case State::chunk_end:
      if (!line.empty()) return kMalformed;
      state_ = State::chunk_size;
      return {};
    case State::trailer:
      head_bytes_ += line.size();
      if (head_bytes_ > kHeadBytesMax) return std::unexpected(ResponseError::head_too_long);
      if (line.empty()) state_ = State::done;
      return {};
    default: return kMalformed;
  }
}

}  // namespace gantry::load
