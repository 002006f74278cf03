// Comparing what became of two events; see event_diff.hpp.
#include "tools/flushtrace/diff/event_diff.hpp"

#include "tools/flushtrace/event_table.hpp"

#include <algorithm>
#include <cstdlib>

namespace flushtrace {

namespace {

constexpr const char* none = "-";
constexpr const char* flush_ends[] = {"nothing_left", "server_fails",
                                      "out_of_time", "put_off", "overtaken"};

std::string winner_of(const event_facts& x) {
  return x.winner ? std::string{apm::to_string(x.winner->signal)} : none;
}

std::string flush_end_of(const event_facts& x) {
  return x.flush_end.at ? flush_ends[static_cast<size_t>(x.flush_end.why)]
                        : none;
}

std::string causes_of(const event_analysis& x) {
  std::string text;
  for (const auto& each : x.findings)
    if (text.empty() || each.weight > remark_weight_max)
      text += (text.empty() ? "" : " ") + std::string{each.what->id};
  return text.empty() ? none : text;
}

/// How its requests ended: `202 202 timeout`.
std::string posts_of(const event_facts& x) {
  std::string text;
  for (const auto& each : x.posts) {
    text += text.empty() ? "" : " ";
    if (each.how == post_end::answered)
      text += std::to_string(each.status);
    else if (each.how == post_end::open)
      text += "open";
    else
      text += each.how == post_end::cancelled ? "cancelled" : "failed";
  }
  return text.empty() ? none : text;
}

/// Times and ids of two runs have not quite as many figures.
bool are_apart(uint64_t a, uint64_t b) noexcept {
  constexpr uint64_t share = 50;
  return std::max(a, b) - std::min(a, b) > std::max(a, b) / share;
}

class outcome_table {
public:
  explicit outcome_table(event_diff& to) : to_(to) {}

  void row(const char* what, const std::string& a, const std::string& b) {
    if (a != b)
      to_.outcome.push_back({what, a, b});
  }

  void row(const char* what, uint64_t a, uint64_t b) {
    row(what, std::to_string(a), std::to_string(b));
  }

private:
  event_diff& to_;
};

class duration_table {
public:
  duration_table(event_diff& to, int64_t threshold_ns)
      : to_(to), threshold_ns_(threshold_ns) {}

  /// Of moments that may be none.
  void row(std::string what, const moment& a_begin, const moment& a_end,
           const moment& b_begin, const moment& b_end) {
    if (a_begin && a_end && b_begin && b_end)
      row(std::move(what), a_end.ns - a_begin.ns, b_end.ns - b_begin.ns);
  }

  void row(std::string what, int64_t a, int64_t b) {
    if (a != b && std::abs(a - b) >= threshold_ns_)
      to_.durations.push_back({std::move(what), a, b});
  }

private:
  event_diff& to_;
  int64_t threshold_ns_;
};

void compare_durations(const event_facts& a, const event_facts& b,
                       duration_table to) {
  const auto a_won = a.winner ? a.winner->at : moment{};
  const auto b_won = b.winner ? b.winner->at : moment{};
  to.row("until its end signal", a.begin, a_won, b.begin, b_won);
  if (a_won && b_won)
    to.row("slack", a.slack_ns, b.slack_ns);
  to.row("held", a_won, a.ledger.at, b_won, b.ledger.at);
  to.row("flush", a.flush_begin.at, a.flush_end.at, b.flush_begin.at,
         b.flush_end.at);
  for (size_t i = 0; i < std::min(a.posts.size(), b.posts.size()); ++i)
    to.row("POST " + std::to_string(i + 1), a.posts[i].begin, a.posts[i].end,
           b.posts[i].begin, b.posts[i].end);
  to.row("longest wait in a mailbox", a.longest_wait.ns(), b.longest_wait.ns());
}

} // namespace

event_diff compare_events(const event_analysis& a, const event_analysis& b,
                          int64_t threshold_ns) {
  event_diff found;
  found.a = a.facts.event;
  found.b = b.facts.event;
  outcome_table table{found};
  table.row("kind", name_of(a.facts.kind), name_of(b.facts.kind));
  table.row("outcome", describe(a.outcome), describe(b.outcome));
  table.row("causes", causes_of(a), causes_of(b));
  table.row("ended by", winner_of(a.facts), winner_of(b.facts));
  const auto& a_books = a.facts.ledger;
  const auto& b_books = b.facts.ledger;
  table.row("received", a_books.received, b_books.received);
  table.row("accepted", a_books.accepted, b_books.accepted);
  table.row("dropped", a_books.dropped_total(), b_books.dropped_total());
  table.row("held", a_books.held, b_books.held);
  table.row("held of all", a_books.all_held, b_books.all_held);
  if (are_apart(a.facts.flush_begin.bytes, b.facts.flush_begin.bytes))
    table.row("held bytes at flush", a.facts.flush_begin.bytes,
              b.facts.flush_begin.bytes);
  table.row("flush", flush_end_of(a.facts), flush_end_of(b.facts));
  table.row("POSTs", posts_of(a.facts), posts_of(b.facts));
  compare_durations(a.facts, b.facts, {found, threshold_ns});
  return found;
}

} // namespace flushtrace
