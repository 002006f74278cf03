#include "runtime/delivery/spill_records.hpp"

#include <utility>

namespace apm {

namespace {

/// Sizes, checksum, value and count.
constexpr uint64_t record_head_bytes = 21;

} // namespace

uint64_t bytes_of(const spill_record& x) noexcept {
  return record_head_bytes + x.lines.metadata.size() + x.lines.user_agent.size()
         + x.lines.lines.size();
}

void spill_records::add(const line_source& source, const outbox_lines& lines) {
  const auto value = static_cast<uint8_t>(lines.value);
  const bool is_new = records_.empty()
                      || records_.back().lines.metadata != source.metadata
                      || records_.back().lines.user_agent != source.user_agent
                      || records_.back().lines.value != value
                      || size_ + lines.lines.size() > bytes_max_;
  if (is_new) {
    finish();
    // One piece alone is not copied.
    records_.push_back(
        {{source.metadata, source.user_agent, value, 0, lines.lines}, {}});
  } else {
    if (text_.empty())
      text_ = records_.back().lines.lines.view();
    text_ += lines.lines.view();
  }
  size_ += lines.lines.size();
  auto& record = records_.back();
  record.lines.count += static_cast<uint32_t>(lines.count);
  if (record.shares.empty() || record.shares.back().sequence != lines.sequence)
    record.shares.push_back({lines.sequence, 0});
  record.shares.back().lines += lines.count;
}

std::vector<spill_record> spill_records::take() {
  finish();
  return std::exchange(records_, {});
}

void spill_records::finish() {
  if (!text_.empty())
    records_.back().lines.lines = bytes{std::exchange(text_, {})};
  size_ = 0;
}

std::vector<std::vector<spill_record>>
in_files(std::vector<spill_record> records, uint64_t file_bytes) {
  std::vector<std::vector<spill_record>> files;
  uint64_t size = 0;
  for (auto& x : records) {
    const auto more = bytes_of(x);
    if (files.empty() || size + more > file_bytes) {
      files.emplace_back();
      size = 0;
    }
    size += more;
    files.back().push_back(std::move(x));
  }
  return files;
}

} // namespace apm
