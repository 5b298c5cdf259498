#include "load/vu/asked.h"

#include "load/options/duration.h"
#include "load/vu/pair_text.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

namespace {

using Context = v8::Local<v8::Context>;
using Value = v8::Local<v8::Value>;

struct Reader {
  Context context;
  const Shapes& shapes;
  HopTerms& terms;
  // Whether cookies, a jar and credentials are somebody else's to read; a plain request has none.
  enum class Rare : std::uint8_t { refused, left_alone } rare = Rare::refused;
  std::string name = {};
  std::string tags = {};
  std::string complaint = {};  // in k6's words, where it has some

  v8::Isolate* isolate() const { return context->GetIsolate(); }
  bool complain(std::string text) {
    complaint = std::move(text);
    return false;
  }
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
  if (!tags->IsObject()) return true;
  return for_each_member(reader.context, tags.As<v8::Object>(), [&](v8::Local<v8::String> name, Value value) {
    if (!value->IsString() && !value->IsNumber() && !value->IsBoolean())
      return reader.complain(
          fmt::format("invalid HTTP request metric tags: invalid value for metric tag '{}': only String, Boolean and "
                      "Number types are accepted as a metric tag values",
                      to_text(reader.isolate(), name)));
    return append_value(reader.context, name, reader.tags) && append_value(reader.context, value, reader.tags);
  });
}

// Of names that are the same the last wins.
void drop_pair(std::string& pairs, std::string_view name) {
  for (std::string_view rest = pairs; !rest.empty();) {
    const std::size_t at = pairs.size() - rest.size();
    const bool is_same = take_text(rest) == name;
    take_text(rest);
    if (is_same) return static_cast<void>(pairs.erase(at, pairs.size() - rest.size() - at));
  }
}

bool read_headers(Reader& reader, Value headers) {
  if (!headers->IsObject()) return true;
  std::string text;
  return for_each_member(reader.context, headers.As<v8::Object>(), [&](v8::Local<v8::String> name, Value value) {
    text.clear();
    append_utf8(reader.isolate(), name, text);
    text = canonical_header(text);
    drop_pair(reader.terms.headers, text);
    append_text(reader.terms.headers, text);
    return append_value(reader.context, value, reader.terms.headers);
  });
}

// Milliseconds, or as Go writes durations; a text without a unit is of milliseconds too.
bool read_timeout(Reader& reader, Value timeout) {
  if (timeout->IsNullOrUndefined()) return true;
  if (!timeout->IsNumber() && !timeout->IsString())
    return reader.complain(fmt::format("invalid timeout value: unable to use type {} as a duration value",
                                       timeout->IsBoolean() ? "bool" : "map[string]interface {}"));
  if (timeout->IsNumber()) {
    reader.terms.timeout_ms = timeout.As<v8::Number>()->Value();
    return true;
  }
  const std::string text = to_text(reader.isolate(), timeout);
  const base::Result<Duration> parsed = parse_option_duration(text);
  if (!parsed) return reader.complain(fmt::format("invalid timeout value: time: invalid duration \"{}\"", text));
  reader.terms.timeout_ms = to_ms(*parsed);
  return true;
}

bool read_response_type(Reader& reader, Value type) {
  constexpr std::array<std::string_view, 3> kTypes = {"text", "binary", "none"};
  if (type->IsNullOrUndefined()) return true;
  const std::string text = to_text(reader.isolate(), type);
  const auto* found = std::ranges::find(kTypes, text);
  if (found == kTypes.end()) return reader.complain(fmt::format("{} does not belong to ResponseType values", text));
  reader.terms.type = static_cast<ResponseType>(found - kTypes.begin());
  return true;
}

bool read_redirects(Reader& reader, Value most) {
  if (!most->IsNullOrUndefined()) reader.terms.redirects = most->IntegerValue(reader.context).FromMaybe(0);
  return true;
}

bool read_throws(Reader& reader, Value throws) {
  if (!throws->IsNullOrUndefined()) reader.terms.throws = throws->BooleanValue(reader.isolate());
  return true;
}

bool read_callback(Reader& reader, Value callback) {
  if (callback->IsUndefined()) return true;
  std::optional<ExpectedStatuses> expected = read_expected(reader.context, callback);
  if (!expected) return reader.complain("unsupported responseCallback");
  reader.terms.expected = *std::move(expected);
  return true;
}

bool is_unset(Reader& reader, Value value) { return reader.rare == Reader::Rare::left_alone || value->IsUndefined(); }

// What is not in the list says nothing.
struct Param {
  Name name;
  bool (*read)(Reader& reader, Value value);
};
constexpr std::array<Param, 11> kParams = {{{Name::tags, read_tags},
                                            {Name::headers, read_headers},
                                            {Name::timeout, read_timeout},
                                            {Name::response_type, read_response_type},
                                            {Name::redirects, read_redirects},
                                            {Name::throws, read_throws},
                                            {Name::expects, read_callback},
                                            {Name::cookies, is_unset},
                                            {Name::jar, is_unset},
                                            {Name::auth, is_unset},
                                            {Name::compression, is_unset}}};

bool read_each(Reader& reader, Value params) {
  if (!params->IsObject()) return true;
  return for_each_member(reader.context, params.As<v8::Object>(), [&](v8::Local<v8::String> name, Value value) {
    const auto* found =
        std::ranges::find_if(kParams, [&](const Param& param) { return reader.shapes[param.name] == name; });
    return found == kParams.end() || found->read(reader, value);
  });
}

HopTerms usual_terms(Vu& vu) {
  const RequestOptions& options = vu.shared().requests;
  return {.type = options.discards_bodies ? ResponseType::none : ResponseType::text,
          .expected = vu.hooks().expected,
          .redirects = options.redirects_max,
          .throws = options.throws};
}

v8::Local<v8::Array> to_list(v8::Isolate* isolate, std::string_view pairs) {
  std::vector<Value> texts;
  while (!pairs.empty()) texts.push_back(to_v8(isolate, take_text(pairs)));
  return v8::Array::New(isolate, texts.data(), texts.size());
}

// A text, or what http.url`…` makes of one: with a name for all that are like it.
bool read_url(Reader& reader, Value url, Asked& asked) {
  if (url->IsObject()) {
    const v8::Local<v8::Object> named = url.As<v8::Object>();
    Value name;
    if (!named->Get(reader.context, reader.shapes[Name::url]).ToLocal(&url) ||
        !named->Get(reader.context, reader.shapes[Name::name]).ToLocal(&name) || !name->IsString())
      return false;
    append_utf8(reader.isolate(), name.As<v8::String>(), reader.name);
  }
  asked.url = url;
  return url->IsString();
}

}  // namespace

std::optional<Asked> read_request(v8::Local<v8::Context> context, Vu& vu, const Shapes& shapes,
                                  const GivenRequest& given) {
  const bool has_plain_body = given.body->IsUndefined() || given.body->IsString() || given.body->IsArrayBuffer();
  if (vu.is_init() || vu.hooks().may_have_cookies || !has_plain_body) return std::nullopt;
  Asked asked{usual_terms(vu)};
  asked.body = given.body;
  Reader reader{context, shapes, asked};
  if (!read_url(reader, given.url, asked) || !read_each(reader, given.params)) return std::nullopt;
  constexpr std::size_t kKeyUsual = 128;
  asked.key.reserve(kKeyUsual);
  append_text(asked.key, given.method);
  if (!append_value(context, asked.url, asked.key)) return std::nullopt;
  if (asked.key.find('@') != std::string::npos) return std::nullopt;  // perhaps credentials
  append_text(asked.key, reader.name);
  asked.key += reader.tags;
  return asked;
}

v8::MaybeLocal<v8::Value> read_params(v8::Local<v8::Context> context, Vu& vu, v8::Local<v8::Object> params) {
  v8::Isolate* isolate = context->GetIsolate();
  HopTerms terms = usual_terms(vu);
  Reader reader{context, shapes_of(context), terms, Reader::Rare::left_alone};
  if (!read_each(reader, params)) {
    if (reader.complaint.empty()) return {};
    return to_v8(isolate, reader.complaint).As<v8::Value>();
  }
  Fields headers(context);
  for (std::string_view rest = terms.headers; !rest.empty();) {
    const std::string_view name = take_text(rest);
    headers.set(name, take_text(rest));
  }
  Fields read(context);
  read.set("headers", headers.object());
  read.set("tags", to_list(isolate, reader.tags));
  read.set("timeout", terms.timeout_ms);
  read.set("type", static_cast<double>(terms.type));
  read.set("redirects", static_cast<double>(terms.redirects));
  read.set("throws", terms.throws);
  return read.object();
}

std::optional<Asked> read_hop(v8::Local<v8::Context> context, Vu& vu, v8::Local<v8::Object> hop) {
  v8::Isolate* isolate = context->GetIsolate();
  const auto get = [&](std::string_view name) {
    return hop->Get(context, internalize(isolate, name)).FromMaybe(v8::Undefined(isolate).As<v8::Value>());
  };
  Asked asked{usual_terms(vu)};
  asked.url = get("url");
  asked.body = get("body");
  asked.timeout_ms = get("timeout")->NumberValue(context).FromMaybe(0);
  asked.type = static_cast<ResponseType>(get("type")->Int32Value(context).FromMaybe(0));
  asked.throws = get("throws")->IsTrue();
  Reader reader{context, shapes_of(context), asked};
  if (!read_callback(reader, get("callback")) || !read_headers(reader, get("headers"))) return std::nullopt;
  append_text(asked.key, to_text(isolate, get("method")));
  append_text(asked.key, to_text(isolate, asked.url));
  append_text(asked.key, get("name")->IsString() ? to_text(isolate, get("name")) : std::string());
  const v8::Local<v8::Array> tags = get("tags").As<v8::Array>();
  for (std::uint32_t i = 0; i < tags->Length(); ++i)
    append_text(asked.key, to_text(isolate, tags->Get(context, i).ToLocalChecked()));
  return asked;
}

v8::Local<v8::Object> make_expected(v8::Local<v8::Context> context, v8::Local<v8::Array> bounds) {
  const v8::Local<v8::Object> made =
      shapes_of(context).expected.Get(context->GetIsolate())->InstanceTemplate()->NewInstance(context).ToLocalChecked();
  made->SetInternalField(0, bounds);
  return made;
}

std::optional<ExpectedStatuses> read_expected(v8::Local<v8::Context> context, v8::Local<v8::Value> value) {
  if (value->IsNull()) return ExpectedStatuses();
  if (!shapes_of(context).expected.Get(context->GetIsolate())->HasInstance(value)) return std::nullopt;
  const v8::Local<v8::Array> bounds = value.As<v8::Object>()->GetInternalField(0).As<v8::Array>();
  const auto bound = [&](std::uint32_t i) {
    return bounds->Get(context, i).ToLocalChecked()->Int32Value(context).FromMaybe(0);
  };
  std::vector<StatusRange> ranges;
  for (std::uint32_t i = 0; i + 1 < bounds->Length(); i += 2) ranges.push_back({bound(i), bound(i + 1)});
  return std::make_shared<const std::vector<StatusRange>>(std::move(ranges));
}

v8::Local<v8::FunctionTemplate> expected_template(v8::Isolate* isolate) {
  const v8::Local<v8::FunctionTemplate> made = v8::FunctionTemplate::New(isolate);
  made->InstanceTemplate()->SetInternalFieldCount(1);
  return made;
}

}  // namespace gantry::load
