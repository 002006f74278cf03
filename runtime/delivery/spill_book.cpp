#include "runtime/delivery/spill_book.hpp"

#include <algorithm>

namespace apm {

namespace {

uint64_t sum_of(const std::vector<line_share>& shares) {
  uint64_t sum = 0;
  for (const auto& share : shares)
    sum += share.lines;
  return sum;
}

uint64_t sum_of(const std::vector<line_share>& shares, uint64_t sequence) {
  uint64_t sum = 0;
  for (const auto& share : shares)
    sum += share.sequence == sequence ? share.lines : 0;
  return sum;
}

} // namespace

spill_store spill_book::store(std::vector<spill_record> records) {
  spill_store result;
  result.id = next_id_++;
  file noted;
  for (auto& x : records) {
    noted.bytes += bytes_of(x);
    noted.records.push_back(std::move(x.shares));
    result.content.push_back(std::move(x.lines));
  }
  pending_bytes_ += noted.bytes;
  files_.emplace(result.id, std::move(noted));
  return result;
}

std::vector<line_fate> spill_book::stored(const spill_stored& x) {
  room_bytes_ = x.room_bytes;
  const auto known = files_.find(x.id);
  if (known == files_.end() || !known->second.is_pending)
    return {};
  settle(known->second);
  if (x.is_kept) {
    ++left_;
    return {};
  }
  std::vector<line_fate> fates;
  for (const auto& shares : known->second.records)
    lose(shares, drop_reason::buffer_full, fates);
  files_.erase(known);
  return fates;
}

spill_book::recovered spill_book::found(spill_found x, uint64_t sequence) {
  room_bytes_ = x.room_bytes;
  left_ = x.left;
  earlier_lines_ = x.earlier_lines;
  recovered back;
  auto node = files_.extract(x.store);
  back.is_earlier = node.empty();
  size_t i = 0;
  for (auto& each : x.content) {
    const line_source source{std::move(each.metadata),
                             std::move(each.user_agent)};
    outbox_lines lines{sequence, static_cast<line_value>(each.value),
                       std::move(each.lines), each.count};
    if (back.is_earlier) {
      back.lines.emplace_back(source, std::move(lines));
      continue;
    }
    const auto& records = node.mapped().records;
    if (i == records.size() || sum_of(records[i]) != each.count)
      break; // not as we wrote it, checksum or not
    for (const auto& share : records[i]) {
      lines.sequence = share.sequence;
      back.lines.emplace_back(source, take_lines(lines, share.lines));
    }
    ++i;
  }
  // What is believed of a file is its sound begin, record by record.
  if (!back.is_earlier)
    for (; i < node.mapped().records.size(); ++i)
      lose(node.mapped().records[i], drop_reason::spill_lost, back.fates);
  return back;
}

void spill_book::lose(const std::vector<line_share>& shares, drop_reason reason,
                      std::vector<line_fate>& fates) {
  for (const auto& share : shares)
    fates.push_back({share.sequence, false, reason, share.lines});
}

void spill_book::settle(file& x) {
  x.is_pending = false;
  pending_bytes_ -= x.bytes;
}

uint64_t spill_book::room_bytes() const noexcept {
  return room_bytes_ > pending_bytes_ ? room_bytes_ - pending_bytes_ : 0;
}

bool spill_book::begins_with(uint64_t sequence) const noexcept {
  // An earlier process's files come first.
  if (files_.empty() || left_ > files_.size())
    return false;
  const auto& records = files_.begin()->second.records;
  return std::any_of(records.begin(), records.end(), [&](const auto& shares) {
    return sum_of(shares, sequence) > 0;
  });
}

uint64_t spill_book::held_lines() const noexcept {
  uint64_t sum = 0;
  for (const auto& [id, x] : files_)
    for (const auto& shares : x.records)
      sum += sum_of(shares);
  return sum;
}

uint64_t spill_book::held_lines(uint64_t sequence) const noexcept {
  uint64_t sum = 0;
  for (const auto& [id, x] : files_)
    for (const auto& shares : x.records)
      sum += sum_of(shares, sequence);
  return sum;
}

} // namespace apm
