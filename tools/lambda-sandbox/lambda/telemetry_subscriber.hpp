// One subscriber's share of the telemetry: buffers records as subscribed, posts
// them one batch at a time, repeats what was not answered 200, and stands still
// while the sandbox is frozen.
#pragma once

#include "tools/lambda-sandbox/lambda/one_shot_timer.hpp"
#include "tools/lambda-sandbox/lambda/telemetry_connection.hpp"
#include "tools/lambda-sandbox/lambda/telemetry_event.hpp"
#include "tools/lambda-sandbox/lambda/telemetry_subscription.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace sandbox {

/// How this platform delivers. *Units*: ms.
struct delivery_settings {
  /// From a record's making until the platform has it for subscribers.
  std::int64_t delay_ms = 20;
  /// Deliver each batch twice.
  /// How often each batch is delivered.
  std::int64_t copies = 1;
  /// Records of each batch in the reverse of their order.
  bool is_reversed = false;
  /// The newest schema of the Telemetry API.
  std::string schema = "2025-01-29";
};

class telemetry_subscriber {
public:
  telemetry_subscriber(boost::asio::io_context& io, observer& observer,
                       std::string extension,
                       telemetry_subscription subscription,
                       delivery_settings settings);

  const std::string& extension() const { return extension_; }
  const telemetry_subscription& subscription() const { return subscription_; }

  /// Takes a record, if it is subscribed to.
  void offer(const telemetry_event_ptr& event);
  void freeze();
  void thaw();
  /// From now on nothing is buffered: the sandbox is about to end.
  void flush();

private:
  struct batch {
    std::vector<telemetry_event_ptr> events;
    std::string body;
    int attempt = 1;
    /// From 1; after the first they are duplicates.
    std::int64_t copy = 1;
    bool is_duplicate() const { return copy > 1; }
  };

  bool is_wanted(const telemetry_event& event) const;
  std::string render(const telemetry_event& event) const;
  void schedule();
  void collect();
  void send();
  void begun(std::int64_t begin_ns);
  void ended(int status, const std::string& reason);
  void accepted();
  void drop(const std::string& reason);
  void watch_answer();

  observer& observer_;
  std::string extension_;
  telemetry_subscription subscription_;
  delivery_settings settings_;
  telemetry_connection connection_;
  one_shot_timer timer_;
  std::deque<telemetry_event_ptr> queue_;
  std::size_t queue_bytes_ = 0;
  batch batch_;
  /// Index of the POST under way in the record.
  std::size_t post_index_ = 0;
  bool is_frozen_ = false;
  bool is_flushing_ = false;
  bool is_posting_ = false;
  /// When a batch that was refused is sent again; 0: none is.
  std::int64_t retry_ns_ = 0;
};

} // namespace sandbox
