// A recorded life, lived by the actors as they are now: what came to it from
// outside comes again at its times, what answers it is modelled (whatif). For
// tests.
//
//   const recorded_life life{"found.atrc"};
//   EXPECT_FALSE(life.is_missed(request_id, "transport.post_timeout"));
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace flushtrace {

struct process_analysis;

class recorded_life {
public:
  /// @param file a trace of one process
  explicit recorded_life(const std::string& file);

  ~recorded_life();

  recorded_life(const recorded_life&) = delete;
  recorded_life& operator=(const recorded_life&) = delete;

  /// Why it could not be lived; empty: it was.
  const std::string& trouble() const noexcept { return trouble_; }

  /// Whether the flush of an invocation is missed for that cause in the first
  /// place.
  /// @param request_id empty: of SHUTDOWN
  bool is_missed(std::string_view request_id, std::string_view cause) const;

private:
  std::string trouble_;
  std::unique_ptr<process_analysis> found_;
};

} // namespace flushtrace
