// SPILL's folder, in memory: what the extension has put there, and what earlier
// processes had left in the recording. It is told what was recorded, and
// answers once there is nothing recorded any more.
//
//   spill_model folder;
//   folder.store(message);
//   auto answer = folder.find(wanted);
#pragma once

#include "messages/spill.hpp"

#include <cstdint>
#include <deque>

namespace flushtrace {

class spill_model {
public:
  // -- what was recorded --

  void set_room(uint64_t bytes) noexcept { room_ = bytes; }
  void learn(const apm::spill_stored& x);
  void learn(const apm::spill_found& x);

  /// What will be found some time later of an earlier process.
  void leave(apm::spill_found x);

  // -- what is asked --

  apm::spill_stored store(const apm::spill_store& x);
  apm::spill_found find(const apm::spill_wanted& x);

private:
  uint64_t room_ = 0;
  std::deque<apm::spill_found> earlier_; ///< oldest first
  std::deque<apm::spill_store> files_;   ///< likewise
};

} // namespace flushtrace
