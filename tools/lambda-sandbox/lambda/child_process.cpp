// Starting, signalling and reaping children; see child_process.hpp.
#include "tools/lambda-sandbox/lambda/child_process.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/process_usage.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace sandbox {

namespace asio = boost::asio;

namespace {

struct pipe_ends {
  int read_end = -1;
  int write_end = -1;

  bool open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  void close_write() {
    if (write_end >= 0)
      ::close(write_end);
    write_end = -1;
  }
  int take_read() {
    const int taken = read_end;
    read_end = -1;
    return taken;
  }
  ~pipe_ends() {
    close_write();
    if (read_end >= 0)
      ::close(read_end);
  }
};

struct child_pipes {
  pipe_ends output, error, facts, frames, launch;
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Puts `from` at number `to` by way of a high number, so that no pipe is
/// overwritten before it has been moved.
int move_up(int from) {
  return from < 0 ? -1 : fcntl(from, F_DUPFD, 64);
}

void place(int from, int to) {
  if (from >= 0)
    dup2(from, to);
}

/// Highest number closed in a child: far more than the sandbox ever opens.
constexpr int descriptor_max = 4096;
constexpr std::array<int, 4> keep_none = {-1, -1, -1, -1};

void close_from_to(int from, int to, std::array<int, 4> but) {
  for (int number = from; number <= to; ++number) {
    bool is_kept = false;
    for (const int kept : but)
      is_kept = is_kept || number == kept;
    if (!is_kept)
      ::close(number);
  }
}

/// Runs in the child: only calls that are safe between fork and exec.
[[noreturn]] void become(const child_options& options, child_pipes& pipes,
                         char* const* arguments, char* const* environment,
                         pid_t parent) {
  const auto fail = [&](int launch) {
    const int error = errno;
    (void)!write(launch, &error, sizeof error);
    _exit(127);
  };
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(127); // the sandbox died before it could take us along
  const int output = move_up(pipes.output.write_end);
  const int error = move_up(pipes.error.write_end);
  const int facts = move_up(pipes.facts.write_end);
  const int frames = move_up(pipes.frames.write_end);
  const int launch = fcntl(pipes.launch.write_end, F_DUPFD_CLOEXEC, 64);
  place(open("/dev/null", O_RDONLY), 0);
  place(output, 1);
  place(error, 2);
  close_from_to(3, launch - 1, {output, error, facts, frames});
  place(facts, facts_descriptor);
  place(frames, frames_descriptor);
  close_from_to(frames_descriptor + 1, launch - 1, keep_none);
  close_from_to(launch + 1, descriptor_max, keep_none);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0)
    fail(launch);
  execvpe(arguments[0], arguments, environment);
  fail(launch);
  _exit(127);
}

/// Waits for the child's exec. *Errors*: the child's errno, 0 if it went well.
int launch_error(pipe_ends& launch) {
  launch.close_write();
  int error = 0;
  ssize_t got = 0;
  do
    got = read(launch.read_end, &error, sizeof error);
  while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

void adopt(asio::posix::stream_descriptor& descriptor, pipe_ends& pipe) {
  pipe.close_write();
  if (pipe.read_end < 0)
    return;
  descriptor.assign(pipe.take_read());
  descriptor.non_blocking(true);
}

} // namespace

std::string process_exit::text() const {
  if (!is_by_signal)
    return "exit status " + std::to_string(code);
  std::string name = strsignal(code);
  if (!name.empty())
    name[0] = static_cast<char>(std::tolower(name[0]));
  return "signal: " + name;
}

child_reaper::child_reaper(asio::io_context& io) : signals_{io, SIGCHLD} {
  wait();
}

void child_reaper::watch(pid_t pid, handler on_exit) {
  watched_[pid] = std::move(on_exit);
}

void child_reaper::forget(pid_t pid) {
  watched_.erase(pid);
}

void child_reaper::close() {
  boost::system::error_code ignored;
  signals_.cancel(ignored);
}

void child_reaper::wait() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error)
      return;
    reap();
    wait();
  });
}

void child_reaper::reap() {
  const auto noticed_ns = now_ns();
  std::vector<std::pair<handler, process_exit>> ended;
  for (auto each = watched_.begin(); each != watched_.end();) {
    int status = 0;
    rusage used{};
    if (wait4(each->first, &status, WNOHANG, &used) != each->first) {
      ++each;
      continue;
    }
    process_exit exit;
    exit.at_ns = noticed_ns;
    exit.peak_kib = used.ru_maxrss;
    exit.is_by_signal = WIFSIGNALED(status);
    exit.code = exit.is_by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
    ended.emplace_back(std::move(each->second), exit);
    each = watched_.erase(each);
  }
  // Handlers may start and forget children: not while walking the map.
  for (auto& [handle, exit] : ended)
    handle(exit);
}

child_process::child_process(asio::io_context& io, child_reaper& reaper,
                             pid_t pid)
    : standard_output{io},
      standard_error{io},
      facts{io},
      frames{io},
      reaper_{reaper},
      pid_{pid} {}

child_process::~child_process() {
  if (exit_)
    return;
  signal_group(SIGKILL);
  reaper_.forget(pid_);
  int status = 0;
  waitpid(pid_, &status, 0);
}

void child_process::signal_group(int signal) const {
  if (!exit_)
    kill(-pid_, signal);
}

std::unique_ptr<child_process>
child_process::start(asio::io_context& io, child_reaper& reaper,
                     const child_options& options,
                     child_reaper::handler on_exit, std::string& error) {
  child_pipes pipes;
  if (!pipes.output.open() || !pipes.error.open() || !pipes.launch.open()
      || (options.has_facts_pipe && !pipes.facts.open())
      || (options.has_frames_pipe && !pipes.frames.open())) {
    error = std::string{"no pipe: "} + std::strerror(errno);
    return nullptr;
  }
  const auto arguments = pointers_to(options.arguments);
  const auto environment = pointers_to(options.environment);
  const pid_t parent = getpid();
  const auto inherited_kib = memory_of(parent).peak_kib;
  const pid_t pid = fork();
  if (pid < 0) {
    error = std::string{"fork: "} + std::strerror(errno);
    return nullptr;
  }
  if (pid == 0)
    become(options, pipes, arguments.data(), environment.data(), parent);
  setpgid(pid, pid); // the child does the same: whoever comes first
  if (const int failed = launch_error(pipes.launch); failed != 0) {
    error = options.arguments.front() + ": " + std::strerror(failed);
    int status = 0;
    waitpid(pid, &status, 0);
    return nullptr;
  }
  std::unique_ptr<child_process> made{new child_process{io, reaper, pid}};
  made->inherited_kib_ = inherited_kib;
  adopt(made->standard_output, pipes.output);
  adopt(made->standard_error, pipes.error);
  adopt(made->facts, pipes.facts);
  adopt(made->frames, pipes.frames);
  reaper.watch(
      pid, [self = made.get(), handle = std::move(on_exit)](process_exit exit) {
        // What it has left behind goes with it, as with a Lambda sandbox; now,
        // while the number of the group can't be another's yet.
        self->signal_group(SIGKILL);
        if (exit.peak_kib <= self->inherited_kib_)
          exit.peak_kib = -1;
        self->exit_ = exit;
        handle(exit);
      });
  return made;
}

} // namespace sandbox
