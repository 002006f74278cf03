#include "runtime/delivery/outbox.hpp"

#include "runtime/formats/intake_scan.hpp"

#include <algorithm>
#include <set>

namespace apm {

namespace {

/// One request's worth of lines before compression: large enough that its fixed
/// cost vanishes, small enough that a slow server answers within the
/// forwarder's time-out and a retry repeats little.
constexpr uint64_t batch_bytes_default = 1024 * 1024;

/// After a request that was taken the next may have so much at least: no server
/// is known that takes less, only proxies that refuse everything for a moment.
constexpr uint64_t batch_bytes_min = 16 * 1024;

/// Bodies are kept in pieces of this size, so that batches can be filled and
/// the least valuable be dropped without cutting lines.
constexpr uint64_t piece_bytes_max = 256 * 1024;

/// Of a small bound a piece is an eighth, so that several fit; less than this
/// is not worth an entry of its own.
constexpr uint64_t pieces_min = 8;
constexpr uint64_t piece_bytes_min = 4 * 1024;

uint64_t piece_bytes_of(uint64_t bytes_max) {
  return std::clamp(bytes_max / pieces_min, piece_bytes_min, piece_bytes_max);
}

uint8_t bit_of(line_value value) {
  return static_cast<uint8_t>(1U << static_cast<unsigned>(value));
}

/// What is no line of a known kind may be anything: it goes last.
line_value value_of(std::string_view line) {
  switch (kind_of(line)) {
  case line_kind::log:
    return line_value::log;
  case line_kind::metricset:
    return line_value::metric;
  case line_kind::span:
    return line_value::span;
  default:
    return line_value::agent;
  }
}

/// @param f is called with each line, its newline included
template <class F>
void for_each_line(std::string_view text, F f) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n') + 1);
    text.remove_prefix(line.size());
    f(line);
  }
}

/// Takes the first `count` lines off.
void cut_front(outbox_lines& x, uint64_t count) {
  size_t offset = 0;
  for (uint64_t i = 0; i < count; ++i)
    offset = x.lines.view().find('\n', offset) + 1;
  x.lines = x.lines.slice(offset);
  x.count -= count;
}

/// Whether the server has quoted this line, whole or from its begin, among
/// those that it refused; each quotation stands for one line.
bool is_refused(std::string_view line, std::vector<std::string>& refused) {
  const auto quoted =
      std::find_if(refused.begin(), refused.end(), [&](const std::string& x) {
        return !x.empty() && line.substr(0, x.size()) == x;
      });
  if (quoted == refused.end())
    return false;
  refused.erase(quoted);
  return true;
}

} // namespace

outbox::outbox(uint64_t bytes_max)
    : bytes_max_(bytes_max), batch_bytes_max_(batch_bytes_default) {
  // nop
}

std::vector<line_fate> outbox::add(const line_source& source,
                                   outbox_lines lines) {
  const auto before = sources_.held_bytes();
  sources_.show(source);
  return insert(sources_.newest(), next_place_++, std::move(lines), before);
}

std::vector<line_fate> outbox::add_own(outbox_lines lines) {
  return insert(0, next_place_++, std::move(lines), sources_.held_bytes());
}

std::vector<line_fate> outbox::put_back(const line_source& source,
                                        outbox_lines lines) {
  const auto before = sources_.held_bytes();
  const bool is_own = source.metadata.empty();
  if (!is_own && sources_.newest() == 0)
    sources_.show(source);
  const auto from = is_own ? 0 : sources_.hold(source);
  auto dropped = insert(from, next_early_place_++, std::move(lines), before);
  sources_.release(from);
  return dropped;
}

/// @param before what the sources took before this one
std::vector<line_fate> outbox::insert(source_id source, uint64_t arrival,
                                      outbox_lines lines, uint64_t before) {
  const auto piece_bytes = piece_bytes_of(bytes_max_);
  for (uint64_t offset = 0; !lines.lines.empty();) {
    entry e{source, take_piece(lines, piece_bytes)};
    const auto size = e.lines.lines.size();
    free_bytes_ += size;
    sources_.hold(source);
    free_.emplace(place{arrival, offset}, std::move(e));
    offset += size;
  }
  // Who has asked for room could know of the lines alone. What is over the
  // bound for the source's sake is to have its chance to go to disk.
  const auto now = sources_.held_bytes();
  return make_room(bytes_max_ + (now > before ? now - before : 0));
}

template <class F>
void outbox::take_least(uint64_t bytes_max, F f) {
  std::set<uint64_t> arrivals;
  for (const auto value : {line_value::log, line_value::metric,
                           line_value::span, line_value::agent}) {
    for (auto i = free_.begin();
         i != free_.end() && held_bytes() > bytes_max;) {
      auto& [where, e] = *i;
      if (!has_value(e, value)) {
        ++i;
        continue;
      }
      if (!e.has_own_storage)
        arrivals.insert(where.first);
      f(e.source, take_value(e, value));
      i = e.lines.count == 0 ? erase(free_, i) : std::next(i);
    }
  }
  // Not before: what has gone needs no copy, and memory is short.
  for (const auto arrival : arrivals)
    part_storage(arrival);
}

std::vector<line_fate> outbox::make_room(uint64_t bytes_max) {
  std::vector<line_fate> dropped;
  take_least(bytes_max, [&](source_id, const outbox_lines& taken) {
    dropped.push_back(
        {taken.sequence, false, drop_reason::buffer_full, taken.count});
  });
  return dropped;
}

std::vector<spill_record> outbox::evict(uint64_t size) {
  spill_records records{piece_bytes_of(bytes_max_)};
  const auto left = held_bytes() - std::min(size, held_bytes());
  take_least(left, [&](source_id source, const outbox_lines& taken) {
    records.add(sources_.get(source), taken);
  });
  return records.take();
}

outbox::entry_map::iterator outbox::erase(entry_map& from,
                                          entry_map::iterator where) {
  sources_.release(where->second.source);
  return from.erase(where);
}

/// Whether some of its lines have that value. An agent's are looked at only
/// here, when the bound is reached.
bool outbox::has_value(entry& e, line_value value) {
  if (e.values == 0 && e.lines.value != line_value::agent)
    e.values = bit_of(e.lines.value);
  if (e.values == 0)
    for_each_line(e.lines.lines.view(), [&](std::string_view line) {
      e.values |= bit_of(value_of(line));
    });
  return (e.values & bit_of(value)) != 0;
}

/// Takes all lines of that value out.
outbox_lines outbox::take_value(entry& e, line_value value) {
  auto taken = e.lines;
  std::string kept;
  uint64_t count = 0;
  if (e.values != bit_of(value)) {
    std::string out;
    for_each_line(e.lines.lines.view(), [&](std::string_view line) {
      const bool is_taken = value_of(line) == value;
      (is_taken ? out : kept) += line;
      count += is_taken ? 0 : 1;
    });
    taken.lines = bytes{std::move(out)};
    taken.count -= count;
  }
  taken.value = value;
  free_bytes_ -= taken.lines.size();
  e.lines.lines = bytes{std::move(kept)};
  e.lines.count = count;
  e.values &= static_cast<uint8_t>(~bit_of(value));
  return taken;
}

/// Gives each piece of that arrival that is left a storage of its own: those
/// that went would else free nothing as long as one is held.
void outbox::part_storage(uint64_t arrival) {
  for (auto i = free_.lower_bound({arrival, 0});
       i != free_.end() && i->first.first == arrival; ++i) {
    auto& e = i->second;
    if (!e.has_own_storage)
      e.lines.lines = bytes{std::string{e.lines.lines.view()}};
    e.has_own_storage = true;
  }
}

std::optional<batch> outbox::lease(const line_source& own) {
  if (free_.empty())
    return std::nullopt;
  const auto resolve = [this](source_id id) {
    return id == 0 ? sources_.newest() : id;
  };
  const source_id source = resolve(free_.begin()->second.source);
  lease_content content;
  batch result;
  result.lease = next_lease_++;
  uint64_t lines = 0;
  for (auto i = free_.begin(); i != free_.end();) {
    if (resolve(i->second.source) != source) {
      ++i;
      continue;
    }
    if (content.entries.empty())
      split(i);
    const auto size = i->second.lines.lines.size();
    const bool is_full =
        !content.entries.empty() && content.bytes + size > batch_bytes_max_;
    if (is_full)
      break;
    result.chunks.push_back(i->second.lines.lines);
    lines += i->second.lines.count;
    content.bytes += size;
    content.entries.insert(free_.extract(i++));
  }
  const auto* const known = sources_.find(source);
  const auto& from = known == nullptr ? own : *known;
  result.metadata = from.metadata;
  result.user_agent = from.user_agent;
  result.lines = static_cast<uint32_t>(lines);
  content.lines = lines;
  free_bytes_ -= content.bytes;
  leased_bytes_ += content.bytes;
  leases_.emplace(result.lease, std::move(content));
  return result;
}

std::vector<spill_record> outbox::free_lines() const {
  spill_records records{piece_bytes_of(bytes_max_)};
  for (const auto& [where, e] : free_)
    records.add(sources_.get(e.source), e.lines);
  return records.take();
}

/// Leaves as many lines at `where` as fit in a request, and puts the rest
/// behind them.
void outbox::split(entry_map::iterator where) {
  auto& lines = where->second.lines;
  const auto size = whole_lines(lines.lines.view(), batch_bytes_max_);
  if (size == lines.lines.size())
    return;
  auto rest = where->second;
  rest.lines.lines = lines.lines.slice(size);
  lines.lines = lines.lines.slice(0, size);
  lines.count = count_lines(lines.lines.view());
  rest.lines.count -= lines.count;
  sources_.hold(rest.source);
  free_.emplace(place{where->first.first, where->first.second + size},
                std::move(rest));
}

/// Takes out what the server has named as unsound. @returns whether there was
/// any of it
bool outbox::take_refused(lease_content& content,
                          std::vector<std::string> refused,
                          std::vector<line_fate>& fates) {
  bool has_any = false;
  for (auto i = content.entries.begin();
       i != content.entries.end() && !refused.empty();) {
    auto& lines = i->second.lines;
    std::string kept;
    uint64_t taken = 0;
    for_each_line(lines.lines.view(), [&](std::string_view line) {
      if (is_refused(line, refused))
        ++taken;
      else
        kept += line;
    });
    if (taken > 0) {
      has_any = true;
      fates.push_back({lines.sequence, false, drop_reason::rejected, taken});
      lines.lines = bytes{std::move(kept)};
      lines.count -= taken;
    }
    i = lines.count == 0 ? erase(content.entries, i) : std::next(i);
  }
  return has_any;
}

std::vector<line_fate> outbox::settle(const delivery& outcome,
                                      delivery_policy policy) {
  auto node = leases_.extract(outcome.lease);
  if (!node)
    return {}; // settled before: a late word on it changes nothing
  auto content = std::move(node.mapped());
  leased_bytes_ -= content.bytes;
  std::vector<line_fate> fates;
  uint64_t accepted = outcome.accepted;
  adjust_batch_bytes(outcome, content.bytes);
  const bool has_refused = take_refused(content, outcome.refused_lines, fates);
  // A sound server's answer that names nothing of ours would come again.
  const bool is_stuck = outcome.outcome == delivery_outcome::not_taken
                        && !outcome.is_server_failing
                        && !outcome.refused_lines.empty() && !has_refused
                        && accepted == 0;
  const bool is_given_up = is_stuck
                           || outcome.outcome == delivery_outcome::settled
                           || (outcome.outcome == delivery_outcome::ambiguous
                               && policy == delivery_policy::at_most_once);
  const auto reason = outcome.outcome == delivery_outcome::ambiguous
                          ? drop_reason::ambiguous
                          : drop_reason::rejected;
  for (auto i = content.entries.begin(); i != content.entries.end();) {
    auto& lines = i->second.lines;
    const auto taken = std::min(accepted, lines.count);
    accepted -= taken;
    if (taken > 0)
      fates.push_back({lines.sequence, true, {}, taken});
    if (is_given_up && lines.count > taken)
      fates.push_back({lines.sequence, false, reason, lines.count - taken});
    if (is_given_up || lines.count == taken) {
      i = erase(content.entries, i);
      continue;
    }
    cut_front(lines, taken);
    ++i;
  }
  give_back(std::move(content));
  return fates;
}

/// A request that was not full says nothing of a longer one. Where the limit is
/// real, one more is refused for each that is taken, and nothing is lost: its
/// lines go in two.
void outbox::adjust_batch_bytes(const delivery& outcome, uint64_t size) {
  const bool is_taken =
      outcome.outcome == delivery_outcome::settled && outcome.accepted > 0;
  if (outcome.is_too_large)
    batch_bytes_max_ = std::max<uint64_t>(1, size / 2);
  else if (is_taken && 2 * size > batch_bytes_max_)
    batch_bytes_max_ =
        std::clamp(2 * batch_bytes_max_, batch_bytes_min, batch_bytes_default);
}

void outbox::give_back(lease_content content) {
  for (const auto& [where, e] : content.entries)
    free_bytes_ += e.lines.lines.size();
  free_.merge(content.entries);
}

uint64_t outbox::held_lines() const noexcept {
  uint64_t sum = 0;
  for (const auto& [where, e] : free_)
    sum += e.lines.count;
  for (const auto& [lease, content] : leases_)
    for (const auto& [where, e] : content.entries)
      sum += e.lines.count;
  return sum;
}

uint64_t outbox::leased_lines() const noexcept {
  uint64_t sum = 0;
  for (const auto& [lease, content] : leases_)
    sum += content.lines;
  return sum;
}

uint64_t outbox::held_lines(uint64_t sequence) const noexcept {
  uint64_t sum = 0;
  const auto add = [&](const auto& entries) {
    for (const auto& [where, e] : entries)
      if (e.lines.sequence == sequence)
        sum += e.lines.count;
  };
  add(free_);
  for (const auto& [lease, content] : leases_)
    add(content.entries);
  return sum;
}

} // namespace apm
