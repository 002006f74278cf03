// What goes to the sandbox's files: the least valuable where memory is full in
// the middle of a life, and what is held at SHUTDOWN. One file at a time comes
// back once the APM Server takes lines and memory has room for them. And word
// of what was lost with a process that was killed.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"

#include <algorithm>

namespace apm {

namespace {

/// Large enough that a file's fixed cost vanishes, small enough that a turn
/// which writes or reads one takes about a millisecond.
constexpr uint64_t file_bytes_max = 1024 * 1024;

/// A file must fit beside what else is held.
constexpr uint64_t files_in_memory = 4;

/// A share of memory that is empty when a file is asked for. A line that is
/// longer could go to disk and come back for ever.
constexpr uint64_t free_share = 2;

} // namespace

uint64_t coordinator_state::spill_file_bytes() const {
  return std::min(file_bytes_max,
                  setup_.config->buffer_bytes / files_in_memory);
}

void coordinator_state::take(const line_source& source, outbox_lines lines,
                             bool is_back) {
  const auto add = [&](outbox_lines x) {
    if (is_back)
      return outbox_.put_back(source, std::move(x));
    return source.metadata.empty() ? outbox_.add_own(std::move(x))
                                   : outbox_.add(source, std::move(x));
  };
  if (lines.lines.size() <= spill_file_bytes())
    make_room(lines.lines.size());
  const auto size_before = lines.lines.size();
  // What is longer, or comes while a request under way fills the memory, goes
  // to disk itself as far as it has to.
  while (!outbox_.has_room(lines.lines.size()) && has_spill_room()
         && !lines.lines.empty()) {
    auto piece = take_piece(lines, spill_file_bytes());
    const auto size = piece.lines.size();
    if (outbox_.has_room(size)
        || size > setup_.config->buffer_bytes / free_share) {
      enter(add(on_its_own(std::move(piece))));
      continue;
    }
    spill_records records{spill_file_bytes()};
    records.add(source, piece);
    store(records.take());
  }
  const bool is_rest = lines.lines.size() < size_before;
  if (!lines.lines.empty())
    enter(add(is_rest ? on_its_own(std::move(lines)) : std::move(lines)));
}

void coordinator_state::make_room(uint64_t size) {
  if (outbox_.has_room(size) || !has_spill_room())
    return;
  const auto over = outbox_.held_bytes() + size - setup_.config->buffer_bytes;
  // So much at once that the next lines need no file, and one file is enough,
  // as pieces are half as long.
  const auto wanted = std::max(over, spill_file_bytes() / 2);
  const auto room = spilled_.room_bytes() - spill_file_bytes();
  store(outbox_.evict(std::min(wanted, room)));
  note_held();
}

/// What is taken may be somewhat more than was asked for.
bool coordinator_state::has_spill_room() const {
  return spilled_.room_bytes() >= 2 * spill_file_bytes();
}

void coordinator_state::store(std::vector<spill_record> records) {
  for (auto& file : in_files(std::move(records), spill_file_bytes()))
    self_->send(world_.spill, spilled_.store(std::move(file)));
}

void coordinator_state::on_spill_stored(const spill_stored& x) {
  enter(spilled_.stored(x));
}

void coordinator_state::want_spilled() {
  if (!world_.spill || is_fetching_)
    return;
  is_fetching_ = true;
  self_->send(world_.spill, spill_wanted{++last_fetch_});
}

void coordinator_state::fetch_spilled() {
  const bool is_last = event_.kind == event_kind::shutdown;
  const bool is_over = phase_ == phase::flushing;
  // An invocation that is over waits for its own lines, but for none of those
  // that an outage has left on the disk.
  const bool is_time =
      phase_ == phase::running
      || (is_over && (is_last || spilled_.begins_with(event_.sequence)));
  const auto moment = is_last   ? ship_moment::shutdown
                      : is_over ? ship_moment::event_end
                                : ship_moment::event_run;
  if (spilled_.has_files() && is_time && !has_failed_ && !awaits_credentials()
      && may_ship(moment)
      && outbox_.has_room(setup_.config->buffer_bytes / free_share))
    want_spilled();
}

void coordinator_state::on_spill(spill_found x) {
  is_fetching_ = false;
  if (!x.problem.empty())
    world_.log->warn("ignored a file of undelivered lines: " + x.problem,
                     {{"ignored_bytes", x.ignored_bytes}});
  const bool is_first = x.id == 1;
  const auto lost = x.lost;
  const int64_t files_left = x.left;
  auto back = spilled_.found(std::move(x), event_.sequence);
  enter(back.fates);
  uint64_t lines = 0;
  for (auto& [source, each] : back.lines) {
    lines += each.count;
    if (back.is_earlier)
      ledger_.receive(each.sequence, each.count);
    take(source, std::move(each), true);
  }
  if (lines > 0 && back.is_earlier)
    world_.log->write(is_first ? log_level::info : log_level::debug,
                      "an earlier process of this sandbox has left lines",
                      {{"found_lines", lines}, {"files_left", files_left}});
  if (is_first)
    tell_killed(lost);
  note_held();
  if (phase_ == phase::ending && living_.empty())
    return finish(); // SHUTDOWN has waited for it
  proceed();
  // It has been waiting for long enough, but files may be small.
  if (phase_ == phase::running && !is_fetching_)
    ship(ship_moment::event_run);
}

void coordinator_state::spill_rest() {
  if (!world_.spill)
    return;
  auto files = in_files(outbox_.free_lines(), spill_file_bytes());
  auto more = static_cast<uint32_t>(files.size());
  for (auto& file : files) {
    spill_store last;
    last.is_last = true;
    last.more = --more;
    for (auto& x : file)
      last.content.push_back(std::move(x.lines));
    self_->send(world_.spill, std::move(last));
  }
}

/// Where there was no room on the disk, there may be by now.
void coordinator_state::ask_spill_room() {
  const bool is_near =
      !outbox_.has_room(setup_.config->buffer_bytes / files_in_memory);
  if (world_.spill && is_near && !has_spill_room())
    self_->send(world_.spill, spill_store{});
}

uint64_t coordinator_state::held_lines() const {
  return outbox_.held_lines() + spilled_.held_lines();
}

uint64_t coordinator_state::held_lines(uint64_t sequence) const {
  return outbox_.held_lines(sequence) + spilled_.held_lines(sequence);
}

/// Lines that were lost with an earlier process are entered as received and
/// dropped by this one, so that its account has them, and still balances. What
/// the earlier one had dropped before is told as its own.
void coordinator_state::tell_killed(const held_figures& lost) {
  is_loss_told_ = true;
  if (lost.lines == 0 && lost.deliveries == 0 && lost.dropped == 0)
    return;
  ledger_.receive(event_.sequence, lost.lines);
  enter({{event_.sequence, false, drop_reason::killed, lost.lines}});
  world_.log->warn("an earlier process of this sandbox was killed, and what it "
                   "held is lost",
                   {{"lost_lines", lost.lines},
                    {"lost_bytes", lost.bytes},
                    {"lines_under_way", lost.lines_under_way},
                    {"lost_telemetry_deliveries", lost.deliveries},
                    {"dropped_lines", lost.dropped}});
}

void coordinator_state::note_held() {
  // Until then the figures of an earlier process stand there: they must outlive
  // us, should we be killed before we have told them.
  if (!world_.note_held || !is_loss_told_)
    return;
  held_figures held;
  held.lines = ledger_.total().outstanding() + spilled_.earlier_lines();
  held.bytes = outbox_.held_bytes();
  held.lines_under_way = outbox_.leased_lines();
  held.deliveries = inbox_.size();
  const auto& dropped = ledger_.total().dropped;
  held.dropped = ledger_.total().dropped_total()
                 - dropped[static_cast<size_t>(drop_reason::killed)];
  world_.note_held(held);
}

} // namespace apm
