#include "runtime/formats/spill_format.hpp"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace apm {

namespace {

constexpr std::string_view magic = "APMSPILL";
constexpr uint8_t version = 1;

/// So that the metadata of many small pieces is there once; also what a record
/// costs in memory, both when it is written and when it is read.
constexpr size_t joined_bytes_max = 256 * 1024;

/// Values of `line_value`, from 0.
constexpr uint8_t values = 4;

template <class T>
void put(std::string& to, T number) {
  for (size_t i = 0; i < sizeof(T); ++i)
    to += static_cast<char>(number >> (8 * i) & 0xFF);
}

uint32_t checksum(std::string_view text) {
  const auto* data = reinterpret_cast<const Bytef*>(text.data());
  return static_cast<uint32_t>(crc32_z(0, data, text.size()));
}

uint32_t size_of(std::string_view text) {
  return static_cast<uint32_t>(text.size());
}

uint64_t number_in(std::string_view text) {
  uint64_t x = 0;
  for (size_t i = 0; i < text.size(); ++i)
    x |= uint64_t{static_cast<uint8_t>(text[i])} << (8 * i);
  return x;
}

/// Takes from the front of what a source gives; once something is missing,
/// nothing more is there.
class reader {
public:
  reader(uint64_t size, const spill_source& source)
      : rest_(size), source_(source) {}

  template <class T>
  std::optional<T> number() {
    const auto text = take(sizeof(T));
    if (!text)
      return std::nullopt;
    return static_cast<T>(number_in(*text));
  }

  std::optional<std::string> take(size_t size) {
    if (size > rest_)
      return fail();
    auto text = source_(size);
    if (text.size() != size)
      return fail();
    rest_ -= size;
    return text;
  }

  /// How much is there yet.
  uint64_t rest() const noexcept { return rest_; }

private:
  std::optional<std::string> fail() {
    rest_ = 0;
    return std::nullopt;
  }

  uint64_t rest_;
  const spill_source& source_;
};

std::string write_payload(const spilled_lines& x) {
  std::string payload;
  put(payload, x.value);
  put(payload, x.count);
  put(payload, size_of(x.metadata.view()));
  put(payload, size_of(x.user_agent));
  payload += x.metadata.view();
  payload += x.user_agent;
  payload += x.lines.view();
  return payload;
}

bool are_sound(std::string_view lines, uint32_t count) {
  return !lines.empty() && lines.back() == '\n'
         && std::count(lines.begin(), lines.end(), '\n') == count;
}

/// value, count, and the sizes of metadata and agent
constexpr size_t payload_head_size = sizeof(uint8_t) + 3 * sizeof(uint32_t);

std::optional<spilled_lines> read_payload(std::string payload) {
  const std::string_view text{payload};
  if (text.size() < payload_head_size)
    return std::nullopt;
  const auto number_at = [&](size_t place) {
    return static_cast<uint32_t>(
        number_in(text.substr(place, sizeof(uint32_t))));
  };
  spilled_lines found;
  found.value = static_cast<uint8_t>(text[0]);
  found.count = number_at(1);
  const size_t metadata_size = number_at(5);
  const size_t agent_size = number_at(9);
  const auto sources = text.substr(payload_head_size);
  if (found.value >= values || metadata_size > sources.size()
      || agent_size > sources.size() - metadata_size)
    return std::nullopt;
  const auto metadata = sources.substr(0, metadata_size);
  const auto lines = sources.substr(metadata_size + agent_size);
  if (!are_sound(lines, found.count)
      || metadata.find('\n') != std::string_view::npos)
    return std::nullopt;
  found.metadata = bytes{std::string{metadata}};
  found.user_agent = sources.substr(metadata_size, agent_size);
  found.lines = bytes{std::string{lines}};
  return found;
}

std::optional<spilled_lines> read_record(reader& from) {
  const auto size = from.number<uint32_t>();
  const auto sum = from.number<uint32_t>();
  if (!size || !sum)
    return std::nullopt;
  auto payload = from.take(*size);
  if (!payload || checksum(*payload) != *sum)
    return std::nullopt;
  return read_payload(std::move(*payload));
}

std::string_view cut(std::string_view owner) {
  return owner.substr(0, UINT16_MAX);
}

std::string write_head(std::string_view owner) {
  std::string text{magic};
  put(text, version);
  put(text, static_cast<uint16_t>(cut(owner).size()));
  text += cut(owner);
  return text;
}

std::string write_record(const spilled_lines& x) {
  const auto payload = write_payload(x);
  std::string text;
  text.reserve(payload.size() + 2 * sizeof(uint32_t));
  put(text, size_of(payload));
  put(text, checksum(payload));
  text += payload;
  return text;
}

} // namespace

std::string write_spill(std::string_view owner,
                        const std::vector<spilled_lines>& content) {
  auto text = write_head(owner);
  for (const auto& x : content)
    text += write_record(x);
  return text;
}

spill_parts::spill_parts(std::string_view owner,
                         const std::vector<spilled_lines>& content)
    : owner_(owner), content_(content) {}

std::string spill_parts::next() {
  if (!std::exchange(is_begun_, true))
    return write_head(owner_);
  if (at_ == content_.size())
    return {};
  auto joined = content_[at_];
  std::string lines{joined.lines.view()};
  for (++at_; at_ < content_.size(); ++at_) {
    const auto& more = content_[at_];
    if (more.metadata != joined.metadata || more.value != joined.value
        || more.user_agent != joined.user_agent
        || lines.size() + more.lines.size() > joined_bytes_max)
      break;
    lines += more.lines.view();
    joined.count += more.count;
  }
  joined.lines = bytes{std::move(lines)};
  return write_record(joined);
}

spill_content read_spill(std::string_view owner, uint64_t size,
                         const spill_source& source) {
  spill_content found;
  reader from{size, source};
  const auto ignore = [&](uint64_t rest, const char* why) {
    found.ignored_bytes = rest;
    found.problem = why;
    return found;
  };
  if (from.take(magic.size()) != magic)
    return ignore(size, "it is no spill file");
  if (from.number<uint8_t>() != version)
    return ignore(size, "it is of another version");
  const auto owner_size = from.number<uint16_t>();
  if (!owner_size || from.take(*owner_size) != cut(owner))
    return ignore(size, "it is another function's");
  while (from.rest() > 0) {
    const auto rest = from.rest();
    auto record = read_record(from);
    if (!record)
      return ignore(rest, "it is torn");
    found.content.push_back(std::move(*record));
  }
  return found;
}

spill_content read_spill(std::string_view owner, std::string_view text) {
  const auto size = text.size();
  return read_spill(owner, size, [&text](size_t wanted) {
    const auto part = text.substr(0, wanted);
    text.remove_prefix(part.size());
    return std::string{part};
  });
}

} // namespace apm
