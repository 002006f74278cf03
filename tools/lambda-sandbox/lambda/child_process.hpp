// One child process in a process group of its own: started, stopped, continued
// and killed as a group, with its output in pipes. It can't outlive the sandbox
// (PR_SET_PDEATHSIG, and the group is killed when this object goes).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sandbox {

/// How a process ended.
struct process_exit {
  /// Exit status, or the number of the signal that killed it.
  int code = 0;
  bool is_by_signal = false;
  /// CLOCK_MONOTONIC ns at which the sandbox noticed.
  std::int64_t at_ns = 0;
  /// Peak resident memory (ru_maxrss). -1: unknown, as it was less than the
  /// sandbox's own, of which each child begins as a copy. *Units*: KiB.
  std::int64_t peak_kib = -1;

  /// Returns `exit status 3` or `signal: killed`, as Lambda words it.
  std::string text() const;
};

/// Tells processes' ends: the one place that waits for children.
class child_reaper {
public:
  using handler = std::function<void(process_exit)>;

  explicit child_reaper(boost::asio::io_context& io);

  /// Calls `on_exit` once, when the process has ended.
  void watch(pid_t pid, handler on_exit);
  void forget(pid_t pid);
  /// Stops waiting, so that the io_context can run out of work.
  void close();

private:
  void wait();
  void reap();

  boost::asio::signal_set signals_;
  std::map<pid_t, handler> watched_;
};

/// What a child inherits besides its standard streams.
struct child_options {
  std::vector<std::string> arguments;
  /// `NAME=value`, complete: nothing of the sandbox's own goes in.
  std::vector<std::string> environment;
  std::string directory;
  /// Opens pipe number 3 (facts of the built-in function).
  bool has_facts_pipe = false;
  /// Opens pipe number 4 (log frames of AWS's runtime clients).
  bool has_frames_pipe = false;
};

/// Descriptor numbers of the extra pipes in the child.
inline constexpr int facts_descriptor = 3;
inline constexpr int frames_descriptor = 4;

class child_process {
public:
  /// Starts the program.
  /// *Errors*: null if it can't be started; `error` then says why.
  static std::unique_ptr<child_process> start(boost::asio::io_context& io,
                                              child_reaper& reaper,
                                              const child_options& options,
                                              child_reaper::handler on_exit,
                                              std::string& error);

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Kills the group, if the process still runs.
  ~child_process();

  pid_t pid() const { return pid_; }
  bool is_running() const { return !exit_; }
  const std::optional<process_exit>& exit() const { return exit_; }

  /// Sends a signal to the whole group, unless the process has ended.
  void signal_group(int signal) const;

  boost::asio::posix::stream_descriptor standard_output;
  boost::asio::posix::stream_descriptor standard_error;
  boost::asio::posix::stream_descriptor facts;
  boost::asio::posix::stream_descriptor frames;

private:
  child_process(boost::asio::io_context& io, child_reaper& reaper, pid_t pid);

  child_reaper& reaper_;
  pid_t pid_;
  std::int64_t inherited_kib_ = 0; ///< peak of the sandbox when it began
  std::optional<process_exit> exit_;
};

} // namespace sandbox
