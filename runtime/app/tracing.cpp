#include "runtime/app/tracing.hpp"

#include "runtime/config/configuration_report.hpp"
#include "runtime/loop/kernel_clocks.hpp"

#include <unistd.h>

namespace apm {

namespace {

using trace::note;
using trace::record_kind;

const std::string& folder_of(const settings& config) {
  return config.trace_folder.empty() ? config.temporary_folder
                                     : config.trace_folder;
}

trace::recorder_setup recorder_setup_of(const trace::ring_file& file,
                                        const settings& config,
                                        const clock& time,
                                        random_source& random) {
  trace::recorder_setup setup;
  setup.memory = file.memory();
  setup.bytes = file.bytes();
  setup.process_id = static_cast<uint32_t>(::getpid());
  setup.read_clocks = read_kernel_clocks;
  setup.time = &time;
  setup.hash_key = random.next();
  setup.payload = config.trace_payload;
  return setup;
}

} // namespace

result<std::unique_ptr<tracing>> tracing::start(const settings& config,
                                                const clock& time,
                                                random_source& random,
                                                const char* version) {
  auto file =
      trace::ring_file::create(folder_of(config), config.trace_ring_bytes);
  if (!file)
    return file.error();
  return std::unique_ptr<tracing>{
      new tracing{std::move(file.value()), config, time, random, version}};
}

tracing::tracing(trace::ring_file file, const settings& config,
                 const clock& time, random_source& random, const char* version)
    : file_(std::move(file)),
      config_(config),
      recorder_(recorder_setup_of(file_, config, time, random)),
      actors_(recorder_),
      folder_(folder_of(config), config.trace_total_bytes) {
  recorder_.define(trace::entry_kind::fact, 0, 0,
                   std::string{"version="} + version);
  static constexpr const char* forms[] = {"payload=digest", "payload=shape",
                                          "payload=full"};
  recorder_.define(trace::entry_kind::fact, 0, 0,
                   forms[static_cast<size_t>(config.trace_payload)]);
}

tracer_port_setup tracing::setup_tracer(log* to) {
  tracer_port_setup setup;
  setup.recorder = &recorder_;
  setup.folder = &folder_;
  setup.log = to;
  setup.mode = config_.trace;
  setup.sample = config_.trace_sample;
  // The version tells what holds otherwise.
  setup.describe_configuration = [this] {
    return describe_changed_values(config_);
  };
  return setup;
}

void tracing::note_request(const http_phases& x) {
  note(&recorder_, record_kind::post, uint64_t{x.status}, x.failure, x.name_us,
       x.connect_us, x.tls_us, x.sent_us, x.first_byte_us, x.total_us,
       x.is_reused, x.bytes_out, x.bytes_in);
}

void tracing::end(int exit_code) {
  note(&recorder_, record_kind::process_end, int64_t{exit_code});
  recorder_.seal();
}

} // namespace apm
