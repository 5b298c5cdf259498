#include "load/script/intrinsics.h"

#include "load/script/exception.h"

#include <cstdint>
#include <string>

namespace gantry::load {

namespace {

// Whether the code that runs is of one of k6's own modules, by the name of the text.
bool is_own_code(v8::Isolate* isolate) {
  const v8::Local<v8::String> name = v8::StackTrace::CurrentScriptNameOrSourceURL(isolate);
  if (name.IsEmpty()) return false;
  const std::string text = to_text(isolate, name);
  return text.starts_with("gantry:") || text == "k6" || (text.starts_with("k6/") && !text.contains('.'));
}

// Of a descriptor: its own member, whatever a script has added to all objects.
v8::Local<v8::Value> member(v8::Local<v8::Context> context, v8::Local<v8::Object> own, const char* name) {
  const v8::Local<v8::String> key = to_v8(context->GetIsolate(), name);
  v8::Local<v8::Value> value;
  if (!own->HasOwnProperty(context, key).FromMaybe(false) || !own->Get(context, key).ToLocal(&value))
    return v8::Undefined(context->GetIsolate());
  return value;
}

}  // namespace

void Intrinsics::keep(v8::Isolate* isolate, v8::Local<v8::Array> members) {
  members_.Reset(isolate, members);
  is_guarded_.assign(members->Length() / 3, false);
}

void Intrinsics::guard(v8::Local<v8::Context> context) {
  if (members_.IsEmpty()) return;
  v8::Isolate* const isolate = context->GetIsolate();
  const v8::HandleScope handles(isolate);
  const v8::TryCatch caught(isolate);
  const v8::Local<v8::Array> members = members_.Get(isolate);
  for (std::uint32_t i = 0; i < is_guarded_.size(); ++i) {
    if (is_guarded_[i]) continue;
    v8::Local<v8::Value> holder;
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> original;
    v8::Local<v8::Value> now;
    if (!members->Get(context, 3 * i).ToLocal(&holder) || !members->Get(context, 3 * i + 1).ToLocal(&name) ||
        !members->Get(context, 3 * i + 2).ToLocal(&original))
      return;
    const bool is_there = holder.As<v8::Object>()->Get(context, name).ToLocal(&now);
    if (!is_there || !now->StrictEquals(original))
      is_guarded_[i] = replace(context, holder.As<v8::Object>(), name.As<v8::Name>(), original);
  }
}

// False where the script lets nobody change it any more.
bool Intrinsics::replace(v8::Local<v8::Context> context, v8::Local<v8::Object> holder, v8::Local<v8::Name> name,
                         v8::Local<v8::Value> original) {
  v8::Isolate* const isolate = context->GetIsolate();
  v8::Local<v8::Value> own;
  if (!holder->GetOwnPropertyDescriptor(context, name).ToLocal(&own)) return false;
  if (!own->IsObject()) own = v8::Object::New(isolate);  // it is gone
  Replaced& replaced = replaced_.emplace_back();
  replaced.original.Reset(isolate, original);
  replaced.own.Reset(isolate, own.As<v8::Object>());
  return holder
      ->SetAccessor(context, name, on_get, on_set, v8::External::New(isolate, &replaced).As<v8::Value>(), v8::DEFAULT,
                    v8::DontEnum)
      .FromMaybe(false);
}

void Intrinsics::on_get(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::Isolate* const isolate = info.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const auto& replaced = *static_cast<const Replaced*>(info.Data().As<v8::External>()->Value());
  if (is_own_code(isolate)) return info.GetReturnValue().Set(replaced.original.Get(isolate));
  const v8::Local<v8::Object> own = replaced.own.Get(isolate);
  const v8::Local<v8::Value> getter = member(context, own, "get");
  if (!getter->IsFunction()) return info.GetReturnValue().Set(member(context, own, "value"));
  v8::Local<v8::Value> value;
  if (getter.As<v8::Function>()->Call(context, info.This(), 0, nullptr).ToLocal(&value))
    info.GetReturnValue().Set(value);
}

void Intrinsics::on_set(v8::Local<v8::Name> name, v8::Local<v8::Value> value,
                        const v8::PropertyCallbackInfo<void>& info) {
  v8::Isolate* const isolate = info.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (info.This() != info.Holder()) {
    // An object that gets a member of its own, which hides that of its prototype.
    static_cast<void>(info.This()->CreateDataProperty(context, name, value).FromMaybe(false));
    return;
  }
  auto& replaced = *static_cast<Replaced*>(info.Data().As<v8::External>()->Value());
  const v8::Local<v8::Value> setter = member(context, replaced.own.Get(isolate), "set");
  // What it throws is thrown here.
  if (setter->IsFunction() && setter.As<v8::Function>()->Call(context, info.This(), 1, &value).IsEmpty()) return;
  if (setter->IsFunction()) return;
  const v8::Local<v8::Object> own = v8::Object::New(isolate);
  own->CreateDataProperty(context, to_v8(isolate, "value"), value).Check();
  replaced.own.Reset(isolate, own);
}

}  // namespace gantry::load
