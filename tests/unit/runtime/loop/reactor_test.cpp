// Tests of reactor.hpp: who is told of which event, and for how long.
#include "runtime/loop/reactor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <vector>

namespace apm {
namespace {

constexpr std::chrono::milliseconds at_once{0};

/// One end of a pair of sockets, watched.
class end_of_pair : reactor::watcher {
public:
  end_of_pair(reactor& owner, int fd) : watch(owner, *this), fd_(fd) {
    watch.assign(fd);
  }

  ~end_of_pair() { close(); }

  end_of_pair(const end_of_pair&) = delete;
  end_of_pair& operator=(const end_of_pair&) = delete;

  void close() {
    watch.release();
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = -1;
  }

  reactor::watch watch;
  std::vector<unsigned> seen;
  std::function<void()> then = [] {};

private:
  void on_ready(unsigned events) override {
    seen.push_back(events);
    then();
  }

  int fd_;
};

class reactor_test : public testing::Test {
protected:
  reactor_test() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds_), 0);
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, other_fds_), 0);
  }

  ~reactor_test() {
    hang_up();
    ::close(other_fds_[1]);
  }

  void write() { EXPECT_EQ(::write(fds_[1], "x", 1), 1); }

  void write_other() { EXPECT_EQ(::write(other_fds_[1], "x", 1), 1); }

  void hang_up() {
    if (fds_[1] >= 0)
      ::close(fds_[1]);
    fds_[1] = -1;
  }

  reactor reactor_;
  int fds_[2] = {-1, -1};
  int other_fds_[2] = {-1, -1};
};

TEST_F(reactor_test, tells_what_is_wanted) {
  end_of_pair x{reactor_, fds_[0]};
  end_of_pair other{reactor_, other_fds_[0]};
  x.watch.want(reactor::readable);
  EXPECT_EQ(reactor_.poll(at_once), 0);
  write();
  EXPECT_EQ(reactor_.poll(at_once), 1);
  x.watch.want(reactor::readable | reactor::writable);
  EXPECT_EQ(reactor_.poll(at_once), 1);
  EXPECT_EQ(x.seen,
            (std::vector<unsigned>{reactor::readable,
                                   reactor::readable | reactor::writable}));
  EXPECT_TRUE(other.seen.empty());
}

TEST_F(reactor_test, is_woken_at_most_once_by_what_nobody_wants_any_more) {
  end_of_pair x{reactor_, fds_[0]};
  end_of_pair other{reactor_, other_fds_[0]};
  x.watch.want(reactor::readable);
  x.watch.want(0);
  write();
  EXPECT_EQ(reactor_.poll(at_once), 1) << "the kernel was not told";
  EXPECT_EQ(reactor_.poll(at_once), 0);
  EXPECT_TRUE(x.seen.empty());
  x.watch.want(reactor::readable);
  EXPECT_EQ(reactor_.poll(at_once), 1);
  EXPECT_EQ(x.seen.size(), 1U);
}

TEST_F(reactor_test, takes_the_wish_to_write_back_at_once) {
  end_of_pair x{reactor_, fds_[0]};
  end_of_pair other{reactor_, other_fds_[0]};
  x.watch.want(reactor::readable | reactor::writable);
  x.watch.want(reactor::readable);
  EXPECT_EQ(reactor_.poll(at_once), 0);
}

TEST_F(reactor_test, is_woken_at_most_once_by_a_hang_up_that_nobody_wants) {
  end_of_pair x{reactor_, fds_[0]};
  end_of_pair other{reactor_, other_fds_[0]};
  x.watch.want(reactor::readable);
  x.watch.want(0);
  hang_up();
  EXPECT_EQ(reactor_.poll(at_once), 1);
  EXPECT_EQ(reactor_.poll(at_once), 0);
  x.watch.want(reactor::readable);
  EXPECT_EQ(reactor_.poll(at_once), 1);
  EXPECT_EQ(x.seen, std::vector<unsigned>{reactor::readable});
}

TEST_F(reactor_test, tells_nothing_to_one_that_another_has_ended) {
  end_of_pair x{reactor_, fds_[0]};
  end_of_pair other{reactor_, other_fds_[0]};
  x.then = [&] { other.close(); };
  other.then = [&] { x.close(); };
  x.watch.want(reactor::readable);
  other.watch.want(reactor::readable);
  write();
  write_other();
  EXPECT_EQ(reactor_.poll(at_once), 2);
  EXPECT_EQ(x.seen.size() + other.seen.size(), 1U);
}

TEST_F(reactor_test, tells_a_descriptors_number_apart_from_its_next_owner) {
  end_of_pair other{reactor_, other_fds_[0]};
  write();
  {
    end_of_pair x{reactor_, fds_[0]};
    x.watch.want(reactor::readable);
  }
  // The freed number is the next that the kernel gives.
  const int again = ::dup(other_fds_[1]);
  ASSERT_EQ(again, fds_[0]);
  end_of_pair next{reactor_, again};
  next.watch.want(reactor::readable);
  EXPECT_EQ(reactor_.poll(at_once), 0);
  EXPECT_TRUE(next.seen.empty());
}

} // namespace
} // namespace apm
