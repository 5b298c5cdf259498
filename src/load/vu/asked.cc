#include "load/vu/asked.h"

#include "load/options/duration.h"
#include "load/vu/pair_text.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

using Context = v8::Local<v8::Context>;
using Value = v8::Local<v8::Value>;

struct Reader {
  Context context;
  const Shapes& shapes;
  Asked& asked;
  std::string name = {};
  std::string tags = {};

  v8::Isolate* isolate() const { return context->GetIsolate(); }
};

bool append_value(Context context, Value value, std::string& pairs) {
  v8::Local<v8::String> text;
  if (!value->ToString(context).ToLocal(&text)) return false;
  const std::size_t at = pairs.size();
  append_length(pairs, 0);
  append_utf8(context->GetIsolate(), text, pairs);
  const auto size = static_cast<std::uint32_t>(pairs.size() - at - sizeof(std::uint32_t));
  std::memcpy(pairs.data() + at, &size, sizeof size);
  return true;
}

bool read_tags(Reader& reader, Value tags) {
  if (tags->IsNullOrUndefined()) return true;
  if (!tags->IsObject()) return false;
  return for_each_member(reader.context, tags.As<v8::Object>(), [&](v8::Local<v8::String> name, Value value) {
    if (!value->IsString() && !value->IsNumber() && !value->IsBoolean()) return false;
    return append_value(reader.context, name, reader.tags) && append_value(reader.context, value, reader.tags);
  });
}

bool read_headers(Reader& reader, Value headers) {
  if (headers->IsNullOrUndefined()) return true;
  if (!headers->IsObject()) return false;
  std::string text;
  return for_each_member(reader.context, headers.As<v8::Object>(), [&](v8::Local<v8::String> name, Value value) {
    text.clear();
    append_utf8(reader.isolate(), name, text);
    text = canonical_header(text);
    append_text(reader.asked.headers, text);
    return append_value(reader.context, value, reader.asked.headers);
  });
}

bool read_timeout(Reader& reader, Value timeout) {
  if (timeout->IsNullOrUndefined()) return true;
  if (timeout->IsNumber()) {
    reader.asked.timeout_ms = timeout.As<v8::Number>()->Value();
    return true;
  }
  if (!timeout->IsString()) return false;
  const base::Result<Duration> parsed = parse_go_duration(to_text(reader.isolate(), timeout));
  if (!parsed) return false;
  reader.asked.timeout_ms = to_ms(*parsed);
  return true;
}

bool read_response_type(Reader& reader, Value type) {
  constexpr std::array<std::string_view, 3> kTypes = {"text", "binary", "none"};
  if (type->IsNullOrUndefined()) return true;
  const auto* found = std::ranges::find(kTypes, std::string_view(to_text(reader.isolate(), type)));
  if (found == kTypes.end()) return false;
  reader.asked.type = static_cast<ResponseType>(found - kTypes.begin());
  return true;
}

bool read_redirects(Reader& reader, Value most) {
  if (most->IsNumber()) reader.asked.redirects = most.As<v8::Number>()->IntegerValue(reader.context).FromMaybe(0);
  return most->IsNumber() || most->IsNullOrUndefined();
}

bool read_throws(Reader& reader, Value throws) {
  if (!throws->IsNullOrUndefined()) reader.asked.throws = throws->BooleanValue(reader.isolate());
  return true;
}

bool read_expected(Reader& reader, Value callback) {
  if (!callback->IsUndefined()) reader.asked.is_expected = callback;
  return true;
}

bool is_unset(Reader&, Value value) { return value->IsUndefined(); }

// What is not in the list says nothing.
struct Param {
  Name name;
  bool (*read)(Reader& reader, Value value);
};
constexpr std::array<Param, 10> kParams = {{{Name::tags, read_tags},
                                            {Name::headers, read_headers},
                                            {Name::timeout, read_timeout},
                                            {Name::response_type, read_response_type},
                                            {Name::redirects, read_redirects},
                                            {Name::throws, read_throws},
                                            {Name::expects, read_expected},
                                            {Name::cookies, is_unset},
                                            {Name::jar, is_unset},
                                            {Name::auth, is_unset}}};

bool read_params(Reader& reader, Value params) {
  if (params->IsNullOrUndefined()) return true;
  if (!params->IsObject()) return false;
  return for_each_member(reader.context, params.As<v8::Object>(), [&](v8::Local<v8::String> name, Value value) {
    const auto* found =
        std::ranges::find_if(kParams, [&](const Param& param) { return reader.shapes[param.name] == name; });
    return found == kParams.end() || found->read(reader, value);
  });
}

// A text, or what http.url`…` makes of one: with a name for all that are like it.
bool read_url(Reader& reader, Value url) {
  if (url->IsObject()) {
    const v8::Local<v8::Object> named = url.As<v8::Object>();
    Value name;
    if (!named->Get(reader.context, reader.shapes[Name::url]).ToLocal(&url) ||
        !named->Get(reader.context, reader.shapes[Name::name]).ToLocal(&name) || !name->IsString())
      return false;
    append_utf8(reader.isolate(), name.As<v8::String>(), reader.name);
  }
  reader.asked.url = url;
  return url->IsString();
}

}  // namespace

std::optional<Asked> read_request(v8::Local<v8::Context> context, Vu& vu, const Shapes& shapes,
                                  const GivenRequest& given) {
  const RequestOptions& options = vu.shared().requests;
  const bool has_plain_body = given.body->IsUndefined() || given.body->IsString() || given.body->IsArrayBuffer();
  if (vu.is_init() || vu.hooks().may_have_cookies || !has_plain_body) return std::nullopt;
  v8::Isolate* isolate = context->GetIsolate();
  Asked asked{.body = given.body,
              .type = options.discards_bodies ? ResponseType::none : ResponseType::text,
              .redirects = options.redirects_max,
              .throws = options.throws};
  asked.is_expected =
      vu.hooks().is_expected.IsEmpty() ? v8::True(isolate).As<v8::Value>() : vu.hooks().is_expected.Get(isolate);
  Reader reader{context, shapes, asked};
  if (!read_url(reader, given.url) || !read_params(reader, given.params)) return std::nullopt;
  append_text(asked.key, given.method);
  if (!append_value(context, asked.url, asked.key)) return std::nullopt;
  if (asked.key.find('@') != std::string::npos) return std::nullopt;  // perhaps credentials
  append_text(asked.key, reader.name);
  asked.key += reader.tags;
  return asked;
}

}  // namespace gantry::load
