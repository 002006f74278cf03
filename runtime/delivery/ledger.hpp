// The ledger: what became of every line that was received, by the event in
// which it came. For each event and in sum,
//
//   received = accepted + dropped, by reason + held
//
// where what is held is the outbox's to say. Events that are settled are folded
// into the totals, so the ledger stays small however long the process lives.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace apm {

/// Why a line was given up.
enum class drop_reason : uint8_t {
  rejected,    ///< the server judged it and said no
  buffer_full, ///< it was the least valuable when the bound was reached
  ambiguous,   ///< no answer, and the setting is at most once
  no_server,   ///< no APM Server is configured
  duplicate,   ///< its substitute has been sent before it came
  spill_lost,  ///< its file was there and is no more, or is damaged
  killed,      ///< an earlier process of the sandbox was killed with it
  count        ///< how many reasons there are
};

std::string_view to_string(drop_reason reason);

constexpr size_t drop_reasons = static_cast<size_t>(drop_reason::count);

/// A fate that lines of one event met.
struct line_fate {
  uint64_t sequence = 0; ///< event in which the lines were received
  bool is_accepted = false;
  drop_reason reason = drop_reason::rejected; ///< where not accepted
  uint64_t lines = 0;
};

/// The account of one event, or of all. *Units:* intake lines.
struct account {
  uint64_t received = 0;
  uint64_t accepted = 0;
  std::array<uint64_t, drop_reasons> dropped{};

  uint64_t dropped_total() const noexcept;

  /// What must still be held for the account to balance.
  uint64_t outstanding() const noexcept {
    return received - accepted - dropped_total();
  }
};

/// Telemetry that the platform dropped before it reached us
/// (`platform.logsDropped`). It was never received, so that it is no part of an
/// account that balances.
struct platform_loss {
  uint64_t records = 0;
  uint64_t bytes = 0;
};

class ledger {
public:
  void receive(uint64_t sequence, uint64_t lines);

  void apply(const std::vector<line_fate>& fates);

  /// The account of one event; empty for one that is settled and folded.
  account of(uint64_t sequence) const;

  const account& total() const noexcept { return total_; }

  void lose_at_platform(uint64_t records, uint64_t bytes) noexcept;

  const platform_loss& platform() const noexcept { return platform_; }

  /// Logs of extensions, ours among them, which came unasked for and make no
  /// line.
  void ignore_extension_records(uint64_t records) noexcept {
    ignored_extension_records_ += records;
  }

  uint64_t ignored_extension_records() const noexcept {
    return ignored_extension_records_;
  }

  /// Drops the accounts of settled events before `sequence`; their figures
  /// stay in the total.
  void fold_before(uint64_t sequence);

private:
  std::map<uint64_t, account> events_;
  account total_;
  platform_loss platform_;
  uint64_t ignored_extension_records_ = 0;
};

} // namespace apm
