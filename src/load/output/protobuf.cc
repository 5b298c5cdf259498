#include "load/output/protobuf.h"

#include <optional>

namespace gantry::load {

namespace {

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> take_fixed(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(size);
  return value;
}

}  // namespace

std::vector<ProtobufField> read_protobuf(std::string_view message) {
  std::vector<ProtobufField> fields;
  while (!message.empty() && fields.size() < kProtobufFieldsMax) {
    const std::optional<std::uint64_t> tag = take_varint(message);
    if (!tag) break;
    ProtobufField field{.number = static_cast<std::uint32_t>(*tag >> 3)};
    std::optional<std::uint64_t> value;
    switch (*tag & 7) {
      case 0: value = take_varint(message); break;
      case 1: value = take_fixed(message, 8); break;
      case 2: value = take_varint(message); break;
      case 5: value = take_fixed(message, 4); break;
      default: break;  // groups, which nobody writes any more
    }
    if (!value) break;
    if ((*tag & 7) == 2) {
      if (*value > message.size()) break;
      field.bytes = message.substr(0, *value);
      message.remove_prefix(*value);
    } else {
      field.value = *value;
    }
    fields.push_back(field);
  }
  return fields;
}

}  // namespace gantry::load
