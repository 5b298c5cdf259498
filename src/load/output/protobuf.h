#pragma once

// Protocol Buffers, as much of them as outputs need: a message is the fields that were put into it, in their order. Private to load.
//
//   ProtobufMessage label;
//   label.text(1, "__name__").text(2, "up");
//   ProtobufMessage().message(1, label).bytes();
//   for (const ProtobufField& field : read_protobuf(answer)) …

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

class ProtobufMessage {
 public:
  // A name or bytes, or another message.
  ProtobufMessage& text(std::uint32_t field, std::string_view value) {
    return tag(field, kLengthDelimited).varint(value.size()).append(value);
  }
  ProtobufMessage& message(std::uint32_t field, const ProtobufMessage& value) { return text(field, value.bytes_); }
  ProtobufMessage& number(std::uint32_t field, std::uint64_t value) { return tag(field, kVarint).varint(value); }
  ProtobufMessage& fixed64(std::uint32_t field, std::uint64_t value) {
    return tag(field, kFixed64).append_fixed(value);
  }
  ProtobufMessage& real(std::uint32_t field, double value) {
    return fixed64(field, std::bit_cast<std::uint64_t>(value));
  }
  // Fields that are written already.
  ProtobufMessage& fields(std::string_view encoded) { return append(encoded); }
  // One more element of a packed list, which text() then makes a field of.
  ProtobufMessage& element(std::uint64_t value) { return append_fixed(value); }
  ProtobufMessage& element(double value) { return append_fixed(std::bit_cast<std::uint64_t>(value)); }

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  static constexpr std::uint32_t kVarint = 0;
  static constexpr std::uint32_t kFixed64 = 1;
  static constexpr std::uint32_t kLengthDelimited = 2;

  ProtobufMessage& tag(std::uint32_t field, std::uint32_t type) { return varint(field << 3 | type); }
  ProtobufMessage& varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
    return *this;
  }
  ProtobufMessage& append_fixed(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) bytes_ += static_cast<char>(value >> (8 * i));
    return *this;
  }
  ProtobufMessage& append(std::string_view value) {
    bytes_ += value;
    return *this;
  }

  std::string bytes_ = {};
};

struct ProtobufField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;      // of a number; of a fixed one its bits
  std::string_view bytes = {};  // of a text or a message: part of the message that it was read from
};

// As far as they are fields, and no more than anything that outputs read has: it comes from strangers.
inline constexpr std::size_t kProtobufFieldsMax = 1000;
std::vector<ProtobufField> read_protobuf(std::string_view message);

}  // namespace gantry::load
