#include "runtime/formats/spill_format.hpp"

#include "runtime/formats/intake_scan.hpp"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace apm {

namespace {

constexpr std::string_view magic = "APMSPILL";
constexpr uint8_t version = 1;

/// Values of `line_value`, from 0.
constexpr uint8_t values = 4;

template <class T>
void put(std::string& to, T number) {
  for (size_t i = 0; i < sizeof(T); ++i)
    to += static_cast<char>(number >> (8 * i) & 0xFF);
}

/// @param before the checksum of what comes before it
uint32_t checksum(std::string_view text, uint32_t before = 0) {
  const auto* data = reinterpret_cast<const Bytef*>(text.data());
  return static_cast<uint32_t>(crc32_z(before, data, text.size()));
}

uint32_t size_of(std::string_view text) {
  return static_cast<uint32_t>(text.size());
}

/// Takes from the front of a text; once something is missing, nothing more is
/// there.
class field_reader {
public:
  explicit field_reader(std::string_view text) : rest_(text) {}

  template <class T>
  std::optional<T> number() {
    const auto text = take(sizeof(T));
    if (!text)
      return std::nullopt;
    uint64_t x = 0;
    for (size_t i = 0; i < sizeof(T); ++i)
      x |= uint64_t{static_cast<uint8_t>((*text)[i])} << (8 * i);
    return static_cast<T>(x);
  }

  std::optional<std::string_view> take(size_t size) {
    if (size > rest_.size()) {
      rest_ = {};
      return std::nullopt;
    }
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  std::string_view rest() const noexcept { return rest_; }

private:
  std::string_view rest_;
};

/// The payload but for the lines, which are its end.
std::string payload_head(const spilled_lines& x) {
  std::string head;
  put(head, x.value);
  put(head, x.count);
  put(head, size_of(x.metadata.view()));
  put(head, size_of(x.user_agent));
  head += x.metadata.view();
  head += x.user_agent;
  return head;
}

bool are_sound(std::string_view lines, uint32_t count) {
  return !lines.empty() && lines.back() == '\n' && count_lines(lines) == count;
}

std::optional<spilled_lines> read_payload(std::string_view payload) {
  field_reader from{payload};
  const auto value = from.number<uint8_t>();
  const auto count = from.number<uint32_t>();
  const auto metadata_size = from.number<uint32_t>();
  const auto agent_size = from.number<uint32_t>();
  if (!value || *value >= values || !count || !metadata_size || !agent_size)
    return std::nullopt;
  const auto metadata = from.take(*metadata_size);
  const auto agent = from.take(*agent_size);
  if (!metadata || !agent || !are_sound(from.rest(), *count)
      || metadata->find('\n') != std::string_view::npos)
    return std::nullopt;
  return spilled_lines{bytes{std::string{*metadata}}, std::string{*agent},
                       *value, *count, bytes{std::string{from.rest()}}};
}

std::optional<spilled_lines> read_record(field_reader& from) {
  const auto size = from.number<uint32_t>();
  const auto sum = from.number<uint32_t>();
  if (!size || !sum)
    return std::nullopt;
  const auto payload = from.take(*size);
  if (!payload || checksum(*payload) != *sum)
    return std::nullopt;
  return read_payload(*payload);
}

std::string_view cut(std::string_view owner) {
  return owner.substr(0, UINT16_MAX);
}

} // namespace

std::vector<bytes>
write_spill_parts(std::string_view owner,
                  const std::vector<spilled_lines>& content) {
  std::vector<bytes> parts;
  std::string made{magic};
  put(made, version);
  put(made, static_cast<uint16_t>(cut(owner).size()));
  made += cut(owner);
  for (const auto& x : content) {
    const auto head = payload_head(x);
    put(made, static_cast<uint32_t>(head.size() + x.lines.size()));
    put(made, checksum(x.lines.view(), checksum(head)));
    made += head;
    parts.emplace_back(std::exchange(made, {}));
    parts.push_back(x.lines);
  }
  if (!made.empty())
    parts.emplace_back(std::move(made));
  return parts;
}

std::string write_spill(std::string_view owner,
                        const std::vector<spilled_lines>& content) {
  std::string text;
  for (const auto& part : write_spill_parts(owner, content))
    text += part.view();
  return text;
}

spill_content read_spill(std::string_view owner, std::string_view text) {
  spill_content found;
  field_reader from{text};
  const auto ignore_from = [&](std::string_view rest, const char* why) {
    found.ignored_bytes = rest.size();
    found.problem = why;
    return found;
  };
  if (from.take(magic.size()) != magic)
    return ignore_from(text, "it is no spill file");
  if (from.number<uint8_t>() != version)
    return ignore_from(text, "it is of another version");
  const auto owner_size = from.number<uint16_t>();
  if (!owner_size || from.take(*owner_size) != cut(owner))
    return ignore_from(text, "it is another function's");
  while (!from.rest().empty()) {
    const auto rest = from.rest();
    auto record = read_record(from);
    if (!record)
      return ignore_from(rest, "it is torn");
    found.content.push_back(std::move(*record));
  }
  return found;
}

} // namespace apm
