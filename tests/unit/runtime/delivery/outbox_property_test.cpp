// What holds of the outbox whatever happens: seeded worlds of lines, sources,
// leases, servers and files, looked through after each step.
//
// - received = accepted + dropped + held, in memory and on the disk, for each
//   event and in sum;
// - after an add, no more bytes are held than the bound allows, one source's
//   metadata apart;
// - each line travels under the metadata it came with, in the order in which it
//   came;
// - no line is delivered twice unless a request got no answer.
#include "runtime/delivery/outbox.hpp"
#include "runtime/delivery/spill_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

namespace apm {
namespace {

/// What a world is like.
struct traits {
  uint64_t bytes_max;
  size_t line_bytes_max;
  uint32_t leases_max; ///< open at a time
  uint64_t sources;    ///< different ones
  delivery_policy policy;
  bool spills = false; ///< to files, which are lost or damaged at times
  size_t metadata_bytes = 10;
};

constexpr auto once_at_least = delivery_policy::at_least_once;
constexpr auto once_at_most = delivery_policy::at_most_once;

constexpr traits worlds[] = {
    {2'000, 100, 1, 3, once_at_least},   // always full
    {20'000, 100, 1, 3, once_at_most},   // sometimes full
    {20'000, 100, 3, 3, once_at_least},  // FORWARDERs that drain
    {50'000, 100, 2, 40, once_at_least}, // many sources
    // Lines as long as a piece (256 KiB), several requests' worth (1 MiB).
    {6'000'000, 300'000, 2, 2, once_at_least},
    {2'000, 100, 1, 3, once_at_least, true}, // always full
    {20'000, 100, 3, 3, once_at_most, true},
    {600'000, 100'000, 2, 40, once_at_least, true},
    {20'000, 100, 2, 40, once_at_least, false, 1'500}, // more than lines have
    {20'000, 100, 2, 40, once_at_least, true, 1'500},
};

/// What the world knows of one line, by its number.
struct known_line {
  uint64_t sequence = 0;
  bool is_own = false;
  std::string metadata;      ///< of agents' lines
  bool may_be_there = false; ///< a request with it got no answer
  bool is_delivered = false; ///< and the outbox was told so
};

struct open_lease {
  uint64_t id = 0;
  std::vector<uint64_t> numbers;
};

class world {
public:
  world(const traits& kind, unsigned seed)
      : kind_(kind), random_(seed), box_(kind.bytes_max) {}

  void step() {
    const auto what = below(10);
    if (what < 4)
      add();
    else if (what < 7)
      lease();
    else
      settle();
    if (kind_.spills && below(4) == 0)
      below(2) == 0 ? spill(below(kind_.bytes_max)) : fetch();
    check_books();
  }

  /// Whatever is left goes to a server that takes all.
  void deliver_the_rest() {
    while (!leases_.empty())
      settle_with(delivery_outcome::settled, UINT32_MAX);
    while (box_.has_free_lines() || !disk_.empty()) {
      lease();
      if (!leases_.empty())
        settle_with(delivery_outcome::settled, UINT32_MAX);
      if (!box_.has_free_lines())
        fetch();
      check_books();
    }
    const auto& total = books_.total();
    ASSERT_EQ(box_.held_bytes(), 0U);
    ASSERT_EQ(total.outstanding(), 0U);
    uint64_t delivered = 0;
    for (const auto& [number, line] : lines_)
      delivered += line.is_delivered ? 1 : 0;
    ASSERT_EQ(delivered, total.accepted);
    ASSERT_EQ(lines_.size(), total.received);
  }

private:
  uint64_t below(uint64_t n) { return random_() % n; }

  void add() {
    if (below(8) == 0)
      ++sequence_;
    outbox_lines added;
    added.sequence = sequence_;
    const bool is_own = below(3) == 0;
    auto metadata = "source-" + std::to_string(below(kind_.sources));
    metadata.resize(kind_.metadata_bytes, '.');
    added.count = 1 + below(5);
    std::string text;
    for (uint64_t i = 0; i < added.count; ++i) {
      const auto number = next_number_++;
      lines_[number] = {sequence_, is_own, is_own ? "" : metadata, false,
                        false};
      text += std::to_string(number) + ' '
              + std::string(below(kind_.line_bytes_max), 'x') + '\n';
    }
    added.lines = bytes{std::move(text)};
    books_.receive(sequence_, added.count);
    if (kind_.spills && !box_.has_room(added.lines.size()))
      spill(added.lines.size());
    if (is_own) {
      added.value = below(2) == 0 ? line_value::log : line_value::metric;
      books_.apply(box_.add_own(std::move(added)));
    } else {
      newest_metadata_ = metadata;
      books_.apply(box_.add({bytes{metadata}, ""}, std::move(added)));
    }
    ASSERT_LE(box_.held_bytes(), kind_.bytes_max + kind_.metadata_bytes);
  }

  void spill(uint64_t size) {
    const auto before = box_.held_bytes();
    const auto file_bytes = std::max<uint64_t>(1, kind_.bytes_max / 4);
    for (auto& file : in_files(box_.evict(size), file_bytes)) {
      auto stored = spilled_.store(std::move(file));
      const bool is_kept = below(8) != 0;
      books_.apply(spilled_.stored({stored.id, is_kept, below(2) * 1'000}));
      if (is_kept)
        disk_.push_back(std::move(stored));
    }
    ASSERT_TRUE(before - box_.held_bytes() >= size || !box_.has_free_lines());
  }

  /// The oldest file comes back, whole, torn, or not at all.
  void fetch() {
    if (disk_.empty())
      return;
    spill_found found;
    found.store = disk_.front().id;
    found.content = std::move(disk_.front().content);
    disk_.pop_front();
    found.left = static_cast<uint32_t>(disk_.size());
    if (below(8) == 0)
      found.content.resize(below(found.content.size() + 1));
    auto back = spilled_.found(std::move(found), sequence_);
    ASSERT_FALSE(back.is_earlier);
    books_.apply(back.fates);
    for (auto& [source, each] : back.lines)
      books_.apply(box_.put_back(source, std::move(each)));
    ASSERT_LE(box_.held_bytes(), kind_.bytes_max + kind_.metadata_bytes);
    ASSERT_EQ(spilled_.has_files(), !disk_.empty());
  }

  void lease() {
    if (leases_.size() >= kind_.leases_max)
      return;
    const auto has_free_lines = box_.has_free_lines();
    const auto leased = box_.lease({bytes{"ours"}, ""});
    ASSERT_EQ(leased.has_value(), has_free_lines);
    if (!leased)
      return;
    open_lease open;
    open.id = leased->lease;
    size_t size = 0;
    for (const auto& chunk : leased->chunks) {
      size += chunk.size();
      read_numbers(chunk.view(), open.numbers);
    }
    ASSERT_EQ(open.numbers.size(), leased->lines);
    ASSERT_TRUE(leased->chunks.size() == 1 || size <= 1024U * 1024U) << size;
    // The least valuable may have been out for a while.
    ASSERT_TRUE(kind_.spills
                || std::is_sorted(open.numbers.begin(), open.numbers.end()));
    for (const auto number : open.numbers)
      expect_may_travel(number, std::string{leased->metadata.view()});
    leases_.push_back(std::move(open));
  }

  static void read_numbers(std::string_view text,
                           std::vector<uint64_t>& numbers) {
    ASSERT_FALSE(text.empty());
    ASSERT_EQ(text.back(), '\n');
    while (!text.empty()) {
      numbers.push_back(std::stoull(std::string{text.substr(0, 20)}));
      text.remove_prefix(text.find('\n') + 1);
    }
  }

  void expect_may_travel(uint64_t number, const std::string& metadata) {
    const auto& line = lines_.at(number);
    ASSERT_FALSE(line.is_delivered) << "line " << number << " again";
    ASSERT_EQ(metadata, line.is_own ? newest_metadata_ : line.metadata);
    for (const auto& other : leases_)
      ASSERT_EQ(std::count(other.numbers.begin(), other.numbers.end(), number),
                0)
          << "line " << number << " is leased twice";
    // The server must not get what it may have, but for a lost answer.
    ASSERT_TRUE(!line.may_be_there || kind_.policy == once_at_least);
  }

  void settle() {
    constexpr delivery_outcome outcomes[] = {
        delivery_outcome::settled,
        delivery_outcome::not_taken,
        delivery_outcome::ambiguous,
    };
    // Servers miscount: up to two lines more than there were.
    if (!leases_.empty())
      settle_with(outcomes[below(3)], static_cast<uint32_t>(below(
                                          leases_.front().numbers.size() + 3)));
  }

  void settle_with(delivery_outcome outcome, uint32_t accepted) {
    const auto which = static_cast<long>(below(leases_.size()));
    const auto open = leases_.at(static_cast<size_t>(which));
    leases_.erase(leases_.begin() + which);
    delivery d;
    d.lease = open.id;
    d.outcome = outcome;
    d.accepted = outcome == delivery_outcome::ambiguous ? 0 : accepted;
    const auto taken = std::min<size_t>(d.accepted, open.numbers.size());
    for (size_t i = 0; i < open.numbers.size(); ++i) {
      auto& line = lines_.at(open.numbers[i]);
      if (i < taken)
        deliver(open.numbers[i], line);
      else if (outcome == delivery_outcome::ambiguous)
        line.may_be_there = true;
    }
    const auto accepted_before = books_.total().accepted;
    books_.apply(box_.settle(d, kind_.policy));
    ASSERT_EQ(books_.total().accepted - accepted_before, taken);
    ASSERT_TRUE(box_.settle(d, kind_.policy).empty()) << "a second word";
  }

  void deliver(uint64_t number, known_line& line) {
    ASSERT_FALSE(line.is_delivered);
    line.is_delivered = true;
    if (kind_.leases_max > 1 || kind_.spills)
      return; // requests that overlap may overtake each other
    const auto& source = line.is_own ? "own" : line.metadata;
    auto& newest = newest_delivered_[source];
    ASSERT_TRUE(newest <= number) << "source " << source;
    newest = number;
  }

  void check_books() {
    ASSERT_EQ(books_.total().outstanding(),
              box_.held_lines() + spilled_.held_lines());
    for (uint64_t event = 0; event <= sequence_; ++event)
      ASSERT_EQ(books_.of(event).outstanding(),
                box_.held_lines(event) + spilled_.held_lines(event))
          << "event " << event;
    if (below(20) == 0)
      books_.fold_before(sequence_);
  }

  traits kind_;
  std::mt19937 random_;
  outbox box_;
  spill_book spilled_;
  std::deque<spill_store> disk_;
  ledger books_;
  std::map<uint64_t, known_line> lines_;
  std::vector<open_lease> leases_;
  std::map<std::string, uint64_t> newest_delivered_; ///< by source
  std::string newest_metadata_ = "ours";
  uint64_t sequence_ = 1;
  uint64_t next_number_ = 1;
};

class outbox_worlds : public testing::TestWithParam<size_t> {};

TEST_P(outbox_worlds, keep_the_rules) {
  const auto& kind = worlds[GetParam()];
  const bool is_heavy = kind.line_bytes_max > 10'000;
  for (unsigned seed = 1; seed <= (is_heavy ? 3U : 20U); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    world w{kind, seed};
    for (int step = 0; step < 200 && !HasFatalFailure(); ++step)
      w.step();
    w.deliver_the_rest();
    if (HasFailure())
      return;
  }
}

INSTANTIATE_TEST_SUITE_P(each, outbox_worlds,
                         testing::Range(size_t{0}, std::size(worlds)));

} // namespace
} // namespace apm
