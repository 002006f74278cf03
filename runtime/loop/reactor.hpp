// Which descriptors are ready: epoll, level-triggered. A wish that is taken
// back stays in the kernel until an event shows that it is there: a connection
// that carries request after request costs one system call in its life, not one
// or two a request.
//
//   class peer : reactor::watcher { void on_ready(unsigned events) override;
//   }; reactor::watch watch{reactor, peer}; watch.assign(fd);
//   watch.want(reactor::readable);
//   reactor.poll(std::chrono::milliseconds{100});
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

namespace apm {

class reactor {
public:
  /// Events, as bits. Errors and hang-ups count as each of them.
  static constexpr unsigned readable = 1;
  static constexpr unsigned writable = 2;

  /// What `poll` takes for a wait without end.
  static constexpr std::chrono::milliseconds for_ever{-1};

  /// Is told of those events that it wants. May end any watch, its own too.
  class watcher {
  public:
    virtual void on_ready(unsigned events) = 0;

  protected:
    ~watcher() = default;
  };

  /// A descriptor in the reactor. *Ownership:* neither of the descriptor nor of
  /// the watcher; both must outlive it, or be released.
  class watch {
  public:
    watch(reactor& owner, watcher& who) : owner_(owner), who_(who) {}

    ~watch() { release(); }

    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;

    /// Takes a descriptor's place, which wants nothing yet.
    void assign(int fd);

    /// -1 where there is none.
    int fd() const noexcept { return fd_; }

    /// Which events the watcher wants from now on, until it says otherwise.
    void want(unsigned events);

    /// Forgets the descriptor. To be called before it is closed.
    void release();

  private:
    friend class reactor;

    void control(int operation, unsigned events);
    void on_event(unsigned events);

    reactor& owner_;
    watcher& who_;
    int fd_ = -1;
    uint64_t key_ = 0; ///< never used again: a descriptor's number is
    unsigned wanted_ = 0;
    unsigned armed_ = 0; ///< what the kernel knows, at least what is wanted
    bool is_registered_ = false;
  };

  reactor();
  ~reactor();

  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  /// Waits until a descriptor is ready, so long at most, and tells the
  /// watchers of all that are. @returns how many events there were
  int poll(std::chrono::milliseconds wait_max);

private:
  int epoll_;
  uint64_t next_key_ = 1;
  std::map<uint64_t, watch*> watches_;
};

} // namespace apm
