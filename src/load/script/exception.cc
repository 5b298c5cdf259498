#include "load/script/exception.h"

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace gantry::load {

namespace {

constexpr std::size_t kSourceLineMax = 200;  // bytes: bundles have lines of a megabyte

std::string source_line_of(v8::Local<v8::Context> context, v8::Local<v8::Message> message) {
  v8::Local<v8::String> line;
  if (!message->GetSourceLine(context).ToLocal(&line)) return {};
  std::string text = to_text(context->GetIsolate(), line);
  text.erase(0, text.find_first_not_of(" \t"));
  if (text.size() > kSourceLineMax) text.clear();
  return text;
}

}  // namespace

std::string to_text(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  const v8::String::Utf8Value text(isolate, value);
  return *text ? std::string(*text, static_cast<std::size_t>(text.length())) : std::string();
}

v8::Local<v8::String> to_v8(v8::Isolate* isolate, std::string_view text) {
  if (text.size() > static_cast<std::size_t>(v8::String::kMaxLength)) text = {};
  return v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kNormal, static_cast<int>(text.size()))
      .FromMaybe(v8::String::Empty(isolate));
}

ScriptException describe_exception(v8::Local<v8::Context> context, const v8::TryCatch& caught) {
  v8::Isolate* isolate = context->GetIsolate();
  if (caught.HasTerminated()) return {.kind = ScriptException::Kind::interrupted, .message = "interrupted"};
  ScriptException exception{.message = to_text(isolate, caught.Exception())};
  if (const v8::Local<v8::Message> message = caught.Message(); !message.IsEmpty()) {
    const std::string file = to_text(isolate, message->GetScriptResourceName());
    const int line = message->GetLineNumber(context).FromMaybe(0);
    const int column = message->GetStartColumn(context).FromMaybe(-1) + 1;
    if (line > 0)
      exception.where = base::SourcePos{std::make_shared<const std::string>(file), static_cast<std::uint32_t>(line),
                                        static_cast<std::uint32_t>(column)};
    exception.source_line = source_line_of(context, message);
  }
  v8::Local<v8::Value> stack;
  if (caught.StackTrace(context).ToLocal(&stack) && stack->IsString()) exception.stack = to_text(isolate, stack);
  return exception;
}

base::Error to_error(const ScriptException& exception) {
  std::string message = exception.message;
  if (!exception.source_line.empty()) message += fmt::format(", in \"{}\"", exception.source_line);
  return {.kind = base::ErrorKind::input, .message = std::move(message), .where = exception.where};
}

}  // namespace gantry::load
