#include "http/request_parser.h"

#include "http/text.h"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace gantry::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr Refusal kMalformed{400, "malformed request"};

// Everything that Beast or we can find wrong with a request, by the error that stands for it.
struct Fault {
  beast::http::error error;
  Refusal refusal;
};
constexpr std::array kFaults = {
    Fault{beast::http::error::body_limit, {413, "request body too large"}},
    Fault{beast::http::error::bad_content_length, {400, "bad Content-Length"}},
    Fault{beast::http::error::multiple_content_length, {400, "more than one Content-Length"}},
    Fault{beast::http::error::bad_transfer_encoding, {400, "bad Transfer-Encoding"}},
    Fault{beast::http::error::bad_chunk, {400, "malformed chunk"}},
    Fault{beast::http::error::bad_chunk_extension, {400, "malformed chunk extension"}},
};

// Whether the first line ends like one of another version of HTTP.
bool names_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  constexpr std::string_view kForm = " HTTP/d.d";
  if (line.size() < kForm.size()) return false;
  const std::string_view end = line.substr(line.size() - kForm.size());
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return end.starts_with(" HTTP/") && is_digit(end[6]) && end[6] != '1' && end[7] == '.' && is_digit(end[8]);
}

Refusal refusal_of(const error_code& error, std::string_view bytes) {
  if (error == beast::http::error::bad_version && names_version(bytes)) return {505, "HTTP version not supported"};
  const auto fault = std::ranges::find_if(kFaults, [&](const Fault& f) { return error == f.error; });
  return fault == kFaults.end() ? kMalformed : fault->refusal;
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

// Path and query of a request target (RFC 9112 §3.2): origin-form, "*" for OPTIONS, absolute-form as to a proxy, which also says whom
// it is for.
bool split_target(std::string_view target, Request& request, std::string& authority) {
  if (has_controls(target) || target.contains('#')) return false;
  if (target == "*") {
    request.path = target;
    return request.method == "OPTIONS";
  }
  if (!target.starts_with('/')) {
    const std::size_t scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const std::string_view scheme = target.substr(0, scheme_end);
    if (!equals_ascii(scheme, "http") && !equals_ascii(scheme, "https")) return false;
    target.remove_prefix(scheme_end + 3);
    authority = target.substr(0, target.find_first_of("/?"));
    if (authority.empty() || authority.contains('@')) return false;  // RFC 9110 §4.2.1, §4.2.4
    target.remove_prefix(authority.size());
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (request.path.empty()) request.path = "/";
  request.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  return true;
}

}  // namespace

// Beast calls these back while it parses. They keep what it found and say no to what it would let pass.
struct RequestParser::Impl final : beast::http::basic_parser<true> {
  explicit Impl(const ParserLimits& parser_limits) : limits(parser_limits) {
    // Beast counts request line and fields apart; step() counts them together.
    header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(parser_limits.head_bytes_max, std::numeric_limits<std::uint32_t>::max())));
    body_limit(boost::none);
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       error_code& error) override {
    request.method = method;
    framing.is_http_1_1 = version >= 11;
    if (target.size() > limits.target_bytes_max) return refuse({414, "URL too long"}, error);
    if (!split_target(target, request, authority)) refuse({400, "malformed request target"}, error);
  }

  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     error_code& error) override {
    if (is_folded(name, value)) return refuse({400, "folded field line"}, error);
    if (head_done) return;  // a trailer
    using Field = beast::http::field;
    if (field == Field::host && ++hosts > 1) return refuse({400, "more than one Host"}, error);
    if (field == Field::content_length && (std::exchange(has_length, true) || !is_digits(value)))
      return refuse({400, "bad Content-Length"}, error);
    if (field == Field::transfer_encoding) {
      if (!equals_ascii(value, "chunked")) return refuse({501, "unknown Transfer-Encoding"}, error);
      is_chunked = true;
    }
    if (field == Field::expect) {
      if (!equals_ascii(value, "100-continue")) return refuse({417, "unknown expectation"}, error);
      framing.expects_continue = true;
    }
    request.headers.add(std::string(name), std::string(value));
  }

  void on_header_impl(error_code& error) override {
    head_done = true;
    if (framing.is_http_1_1 && hosts == 0) return refuse({400, "no Host"}, error);
    // A proxy that knows only HTTP/1.0 forwards the field and frames the body otherwise (RFC 9112 §6.1).
    if (!framing.is_http_1_1 && is_chunked) return refuse({400, "Transfer-Encoding in HTTP/1.0"}, error);
    // RFC 9112 §3.2.2: what Host says beside it is not to be heard.
    if (!authority.empty()) request.headers.set("Host", authority);
    framing.keeps_alive = keep_alive();
    framing.asks_for_upgrade = upgrade();
    if (has_length) framing.content_length = content_length().value_or(0);
    framing.has_body = is_chunked || framing.content_length.value_or(0) > 0;
  }

  std::size_t take_piece(beast::string_view piece, error_code& error) {
    if (piece.size() > bytes_max - body_bytes) {
      error = beast::http::error::body_limit;
      return 0;
    }
    body_bytes += piece.size();
    last_piece = piece;
    return piece.size();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view piece, error_code& error) override { return take_piece(piece, error); }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view, error_code& error) override {
    if (size > bytes_max - body_bytes) error = beast::http::error::body_limit;
    chunk_bytes = size;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view piece, error_code& error) override {
    chunk_bytes -= piece.size();
    return take_piece(piece, error);
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  struct Progress {
    std::size_t consumed;
    bool needs_more;
  };
  std::expected<Step, Refusal> step_head(std::string_view bytes);
  std::expected<Step, Refusal> step_body(std::string_view bytes);
  std::expected<Progress, Refusal> feed(std::string_view bytes);

  // Whether the value begins on another line than its name. Beast joins the lines of one that has more, somewhere else.
  bool is_folded(std::string_view name, std::string_view value) const {
    if (value.empty()) return false;
    if (value.data() < given.data() || value.data() >= given.data() + given.size()) return true;
    return std::string_view(name.data(), value.data()).contains('\n');
  }
  static bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  }

  void refuse(const Refusal& why, error_code& error) {
    refusal = why;
    error = beast::http::error::bad_value;
  }

  ParserLimits limits;
  Request request = {};
  Framing framing = {};
  std::string authority = {};  // of an absolute target
  std::optional<Refusal> refusal = {};
  bool head_done = false;
  bool has_length = false;
  bool is_chunked = false;
  int hosts = 0;
  std::size_t head_bytes = 0;
  std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t body_bytes = 0;
  std::uint64_t chunk_bytes = 0;     // of the present chunk, still to come
  std::string_view given = {};       // the bytes of the running step
  std::string_view last_piece = {};  // in them
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

void RequestParser::reset() {
  const ParserLimits limits = impl_->limits;
  std::destroy_at(impl_.get());
  std::construct_at(impl_.get(), limits);
}

namespace {

// Empty lines before a request are passed over (RFC 9112 §2.2); a lone CR may become one.
std::size_t count_empty_lines(std::string_view bytes) {
  std::size_t count = 0;
  while (bytes.substr(count).starts_with("\r\n")) count += 2;
  return count;
}

// A request whose head is over the limit although it has not ended: its URL is to blame where its first line has not either.
Refusal too_large(std::size_t head_bytes, std::string_view rest) {
  if (head_bytes == 0 && !rest.contains("\r\n")) return {414, "URL too long"};
  return {431, "request head too large"};
}

}  // namespace

std::expected<Step, Refusal> RequestParser::step(std::string_view bytes) {
  Impl& parser = *impl_;
  if (parser.is_header_done()) return parser.step_body(bytes);
  std::size_t empty = 0;
  if (!parser.got_some()) {
    empty = count_empty_lines(bytes);
    bytes.remove_prefix(empty);
    if (bytes.empty() || bytes == "\r") return Step{.consumed = empty};
  }
  std::expected<Step, Refusal> step = parser.step_head(bytes);
  if (step) step->consumed += empty;
  return step;
}

std::expected<Step, Refusal> RequestParser::Impl::step_head(std::string_view bytes) {
  const std::expected<Progress, Refusal> progress = feed(bytes);
  if (!progress) return std::unexpected(progress.error());
  head_bytes += progress->consumed;
  const std::size_t waiting = progress->needs_more ? bytes.size() - progress->consumed : 0;
  if (head_bytes + waiting > limits.head_bytes_max)
    return std::unexpected(too_large(head_bytes, bytes.substr(progress->consumed)));
  return Step{.consumed = progress->consumed, .part = progress->needs_more ? Part::need_more : Part::head};
}

std::expected<Step, Refusal> RequestParser::Impl::step_body(std::string_view bytes) {
  Step step;
  last_piece = {};
  while (!is_done() && last_piece.empty()) {
    // Beast 1.81 asserts that there are so many bytes when a last chunk is looked at a second time. No chunked body ends
    // in fewer ("0\r\n\r\n"), so nothing is lost by waiting.
    constexpr std::size_t kChunkBytesMin = 5;
    if (bytes.empty() || (is_chunked && chunk_bytes == 0 && bytes.size() < kChunkBytesMin)) return step;
    const std::expected<Progress, Refusal> progress = feed(bytes);
    if (!progress) return std::unexpected(progress.error());
    step.consumed += progress->consumed;
    bytes.remove_prefix(progress->consumed);
    const std::size_t around = last_piece.empty() ? progress->consumed + (progress->needs_more ? bytes.size() : 0) : 0;
    if (around > limits.head_bytes_max) return std::unexpected(Refusal{400, "chunk header or trailer too large"});
    if (progress->needs_more) return step;
  }
  step.part = last_piece.empty() ? Part::end : Part::piece;
  step.piece = last_piece;
  return step;
}

// Lets Beast parse on: a head, a chunk's header, a piece.
std::expected<RequestParser::Impl::Progress, Refusal> RequestParser::Impl::feed(std::string_view bytes) {
  given = bytes;
  error_code error;
  const std::size_t consumed = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  const bool needs_more = error == beast::http::error::need_more;
  if (error == beast::http::error::header_limit) return std::unexpected(too_large(head_bytes, bytes));
  if (error && !needs_more) return std::unexpected(refusal ? *refusal : refusal_of(error, bytes));
  return Progress{.consumed = consumed, .needs_more = needs_more};
}

std::expected<void, Refusal> RequestParser::limit_body(std::uint64_t bytes_max) {
  impl_->bytes_max = bytes_max;
  if (impl_->framing.content_length.value_or(0) > bytes_max)
    return std::unexpected(Refusal{413, "request body too large"});
  return {};
}

Request& RequestParser::request() { return impl_->request; }
const Request& RequestParser::request() const { return impl_->request; }
const Framing& RequestParser::framing() const { return impl_->framing; }
std::uint64_t RequestParser::body_bytes() const { return impl_->body_bytes; }
bool RequestParser::has_begun() const { return impl_->got_some(); }

}  // namespace gantry::http
