// Workers: under Managed Instances the runtime runs several invocations at
// once, each in a process of its own, as AWS's Python runtime does. One that
// dies takes its invocation along and nothing else.
#pragma once

#include <functional>

namespace sandbox::builtin {

/// Excludes the workers from each other; a worker that dies holds nothing.
class process_lock {
public:
  process_lock();

  void lock() const;
  void unlock() const;

private:
  void set(short type) const;

  int descriptor_;
};

/// Starts `count` workers, each of which runs `work` and ends with what that
/// returns, and waits until none is left.
/// *Errors*: returns an exit status, 1 if not one worker could be started.
int run_workers(int count, const std::function<int()>& work);

} // namespace sandbox::builtin
