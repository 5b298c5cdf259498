#include "load/script/intrinsics.h"

#include "load/script/built_in.h"
#include "load/script/exception.h"

#include <cstdint>
#include <string>

namespace gantry::load {

namespace {

// Whether the code that runs is of one of k6's own modules, by the name of the text.
bool is_own_code(v8::Isolate* isolate) {
  const v8::Local<v8::String> name = v8::StackTrace::CurrentScriptNameOrSourceURL(isolate);
  if (name.IsEmpty()) return false;
  return is_built_in(to_text(isolate, name));
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
  guarded_.assign(members->Length() / 4, nullptr);
}

bool Intrinsics::read(v8::Local<v8::Context> context, std::size_t number, Member& kept) const {
  const v8::Local<v8::Array> members = members_.Get(context->GetIsolate());
  const auto at = static_cast<std::uint32_t>(4 * number);
  v8::Local<v8::Value> holder;
  v8::Local<v8::Value> name;
  if (!members->Get(context, at).ToLocal(&kept.path) || !members->Get(context, at + 1).ToLocal(&holder) ||
      !members->Get(context, at + 2).ToLocal(&name) || !members->Get(context, at + 3).ToLocal(&kept.original))
    return false;
  kept.holder = holder.As<v8::Object>();
  kept.name = name.As<v8::Name>();
  return true;
}

void Intrinsics::expect(v8::Local<v8::Context> context, const std::set<std::string, std::less<>>& paths) {
  if (members_.IsEmpty() || paths.empty()) return;
  const v8::HandleScope handles(context->GetIsolate());
  const v8::TryCatch caught(context->GetIsolate());
  for (std::size_t i = 0; i < guarded_.size(); ++i) {
    Member kept;
    if (guarded_[i] || !read(context, i, kept) || !kept.path->IsString()) continue;
    if (paths.contains(to_text(context->GetIsolate(), kept.path))) guarded_[i] = replace(context, kept);
  }
}

void Intrinsics::guard(v8::Local<v8::Context> context) {
  if (members_.IsEmpty()) return;
  v8::Isolate* const isolate = context->GetIsolate();
  const v8::HandleScope handles(isolate);
  const v8::TryCatch caught(isolate);
  for (std::size_t i = 0; i < guarded_.size(); ++i) {
    Member kept;
    if (!read(context, i, kept)) return;
    v8::Local<v8::Value> now;
    if (guarded_[i]) guarded_[i]->is_looked_at = true;
    const bool is_there = kept.holder->Get(context, kept.name).ToLocal(&now);
    if (guarded_[i]) guarded_[i]->is_looked_at = false;
    // One that is guarded may have been defined anew since.
    if (guarded_[i] && !member(context, guarded_[i]->own.Get(isolate), "get")->IsUndefined()) continue;
    const v8::Local<v8::Value> expected =
        guarded_[i] ? member(context, guarded_[i]->own.Get(isolate), "value") : kept.original;
    if (!is_there || !now->StrictEquals(expected)) guarded_[i] = replace(context, kept);
  }
}

// Null where the script lets nobody change it any more.
Intrinsics::Replaced* Intrinsics::replace(v8::Local<v8::Context> context, const Member& kept) {
  v8::Isolate* const isolate = context->GetIsolate();
  v8::Local<v8::Value> own;
  if (!kept.holder->GetOwnPropertyDescriptor(context, kept.name).ToLocal(&own)) return nullptr;
  if (!own->IsObject()) own = v8::Object::New(isolate);  // it is gone
  Replaced& replaced = replaced_.emplace_back();
  replaced.original.Reset(isolate, kept.original);
  replaced.own.Reset(isolate, own.As<v8::Object>());
  replaced.is_untouched = member(context, own.As<v8::Object>(), "value")->StrictEquals(kept.original);
  const bool is_set =
      kept.holder
          ->SetAccessor(context, kept.name, on_get, on_set, v8::External::New(isolate, &replaced).As<v8::Value>(),
                        v8::DEFAULT, v8::DontEnum)
          .FromMaybe(false);
  return is_set ? &replaced : nullptr;
}

void Intrinsics::on_get(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::Isolate* const isolate = info.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const auto& replaced = *static_cast<const Replaced*>(info.Data().As<v8::External>()->Value());
  const bool is_original = replaced.is_untouched || (!replaced.is_looked_at && is_own_code(isolate));
  if (is_original) return info.GetReturnValue().Set(replaced.original.Get(isolate));
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
  // Of the global object a script has but a proxy, whose prototype that is.
  const bool is_of_global =
      info.This() == context->Global() && info.Holder() == context->Global()->GetPrototype().As<v8::Object>();
  if (info.This() != info.Holder() && !is_of_global) {
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
  replaced.is_untouched = false;
  // What k6's modules put there is for all, such as what randomSeed() makes of Math.random.
  if (is_own_code(isolate)) replaced.original.Reset(isolate, value);
}

}  // namespace gantry::load
