// A folder of spilled lines; see spill_model.hpp.
#include "tools/flushtrace/whatif/spill_model.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

uint64_t bytes_of(const std::vector<apm::spilled_lines>& content) {
  uint64_t bytes = 0;
  for (const auto& x : content)
    bytes += x.metadata.size() + x.lines.size();
  return bytes;
}

uint64_t lines_of(const std::vector<apm::spilled_lines>& content) {
  uint64_t lines = 0;
  for (const auto& x : content)
    lines += x.count;
  return lines;
}

/// Whether it tells of an earlier process.
bool is_of_earlier(const apm::spill_found& x) {
  const auto& lost = x.lost;
  return x.store == 0
         && (!x.content.empty() || !x.problem.empty() || lost.lines > 0
             || lost.deliveries > 0 || lost.dropped > 0);
}

} // namespace

void spill_model::leave(apm::spill_found x) {
  if (is_of_earlier(x))
    earlier_.push_back(std::move(x));
}

void spill_model::learn(const apm::spill_stored& x) {
  room_ = x.room_bytes;
  if (!x.is_kept && !files_.empty() && files_.back().id == x.id)
    files_.pop_back();
}

void spill_model::learn(const apm::spill_found& x) {
  room_ = x.room_bytes;
  if (is_of_earlier(x) && !earlier_.empty())
    earlier_.pop_front();
  files_.erase(std::remove_if(files_.begin(), files_.end(),
                              [&](const apm::spill_store& file) {
                                return x.store != 0 && file.id == x.store;
                              }),
               files_.end());
}

apm::spill_stored spill_model::store(const apm::spill_store& x) {
  apm::spill_stored answer{x.id, false, room_};
  const auto bytes = bytes_of(x.content);
  if (x.content.empty() || bytes > room_)
    return answer;
  answer.is_kept = true;
  room_ -= bytes;
  answer.room_bytes = room_;
  if (!x.is_last)
    files_.push_back(x);
  return answer;
}

apm::spill_found spill_model::find(const apm::spill_wanted& x) {
  apm::spill_found found;
  if (!earlier_.empty()) {
    found = std::move(earlier_.front());
    earlier_.pop_front();
  } else if (!files_.empty()) {
    found.store = files_.front().id;
    found.content = std::move(files_.front().content);
    files_.pop_front();
    room_ += bytes_of(found.content);
  }
  found.id = x.id;
  found.left = static_cast<uint32_t>(files_.size());
  found.room_bytes = room_;
  found.earlier_lines = 0;
  for (const auto& each : earlier_) {
    found.left += each.content.empty() ? 0 : 1;
    found.earlier_lines += lines_of(each.content);
  }
  return found;
}

} // namespace flushtrace
