// A life in a modelled world that is told step by step, as tests do, and kept
// traces. The actors may have changed since: what is not possible any more is
// left out.
//
//   using namespace flushtrace::steps;
//   told_life life{scenario};
//   life.take(invoke(1));
//   life.take(agent(data, 1));
//   EXPECT_EQ(life.finish(), "");
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/explore/steps.hpp"

#include <memory>
#include <string>
#include <vector>

namespace flushtrace {

class explored_life;
class world_host;

class told_life {
public:
  explicit told_life(const scenario& of);

  /// @param host for this life alone while it lasts; outlives it
  told_life(world_host& host, const scenario& of);

  ~told_life();

  told_life(const told_life&) = delete;
  told_life& operator=(const told_life&) = delete;

  /// @returns whether it was possible
  bool take(const action& x);

  /// What can happen now. *Shape:* empty where the life is over.
  const std::vector<action>& possible() const noexcept;

  /// The `which`-th of what is possible. @returns whether there is one
  bool choose(size_t which);

  /// To the end, by what brings it soonest. @returns which promise is broken;
  /// empty: all are kept
  const std::string& finish();

  const std::vector<action>& taken() const noexcept;

  /// The same as numbers: which of those that were possible.
  const std::vector<uint32_t>& choices() const noexcept { return choices_; }

  uint64_t records() const noexcept;

  const std::string& violation() const noexcept;

  /// *Errors:* as `explored_life::segment`.
  [[nodiscard]] apm::result<std::string> segment();

private:
  scenario of_;
  std::unique_ptr<world_host> own_host_;
  std::unique_ptr<explored_life> life_;
  std::vector<uint32_t> choices_;
};

} // namespace flushtrace
