#include "runtime/app/extension.hpp"

#include "actors/coordinator/invocation_coordinator.hpp"
#include "actors/lifecycle_poller.hpp"
#include "runtime/app/tracing.hpp"
#include "runtime/loop/kernel_random.hpp"
#include "runtime/loop/signals.hpp"
#include "runtime/ports/agent_listener.hpp"
#include "runtime/ports/credentials_port.hpp"
#include "runtime/ports/http_client_port.hpp"
#include "runtime/ports/listener_port.hpp"
#include "runtime/ports/spill_port.hpp"
#include "runtime/ports/telemetry_listener.hpp"
#include "runtime/ports/timers_port.hpp"
#include "runtime/recording/recorded_sources.hpp"
#include "runtime/tls/trust_store.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

/// Nothing is parsed: CAF would look for a configuration file. No types are
/// named: that is for serializing alone.
class system_config : public recording_config {
public:
  system_config() {
    load<loop>();
    put(content, "logger.console", caf::atom("none"));
    put(content, "logger.file-verbosity", caf::atom("quiet"));
  }
};

void write_line(std::string_view line) {
  // Standard output is where Lambda picks up an extension's log. A line that
  // cannot be written is lost: there is nowhere to say so.
  while (!line.empty()) {
    const auto n = ::write(STDOUT_FILENO, line.data(), line.size());
    if (n <= 0)
      return;
    line.remove_prefix(static_cast<size_t>(n));
  }
}

struct application_state {
  static inline const char* name = "application";
};

application_actor::behavior_type
application(traced_port_pointer<application_actor, application_state>,
            loop* running, int* exit_code) {
  return {
      [=](const lifecycle_ended& x) {
        *exit_code = x.exit_code;
        running->quit();
      },
  };
}

/// What one request may bring: half of what is held at most, so that it fits
/// beside the rest; but what an agent sends, 750 KB where nothing else is set,
/// always.
uint64_t body_bytes_max(const settings& config) {
  constexpr uint64_t always = 1024 * 1024;
  return std::max(always, config.buffer_bytes / 2);
}

http_server_options agent_options(const settings& config) {
  http_server_options options;
  options.port = config.receiver_port;
  options.body_bytes_max = body_bytes_max(config);
  options.request_timeout = config.receiver_timeout;
  return options;
}

http_server_options telemetry_options(const settings& config) {
  http_server_options options;
  options.is_loopback = false; // the platform connects from outside the sandbox
  options.body_bytes_max = body_bytes_max(config);
  return options;
}

trust_sources certificates(const settings& config) {
  trust_sources sources;
  sources.system.file = config.ssl_cert_file;
  sources.system.directories = config.ssl_cert_dir;
  sources.pem = config.ca_pem;
  sources.file = config.ca_file;
  return sources;
}

http_client_options client_options(const settings& config, trust_store* trust) {
  http_client_options options;
  options.trust = trust;
  if (!config.verifies_server)
    options.unverified_server = origin_of(config.server_url);
  options.posts_at_most_once = config.delivery == delivery_policy::at_most_once;
  options.proxies =
      proxy_rules{{config.https_proxy, config.http_proxy, config.no_proxy,
                   config.runtime_api, config.aws_container_uri}};
  return options;
}

/// Beside what memory holds the disk takes eight times as much: 64 MiB where
/// nothing is set, an eighth of the /tmp that Lambda gives where nothing is set
/// there. And at SHUTDOWN what memory holds, twice, since metadata lines are in
/// the files, too. A file is of a quarter of the memory at most, or one record.
spill_limits limits_of_spill(const settings& config) {
  return {8 * config.buffer_bytes, 2 * config.buffer_bytes,
          2 * config.buffer_bytes};
}

std::vector<std::string> telemetry_types(const settings& config) {
  std::vector<std::string> types{"platform"};
  if (config.captures_logs)
    types.emplace_back("function");
  return types;
}

} // namespace

/// Everything that lives as long as the process.
class extension {
public:
  extension(std::string name, const loaded_settings& loaded,
            outside_world world)
      : name_(std::move(name)),
        outside_(std::move(world)),
        config_(loaded.values),
        system_(caf_config_),
        loop_(loop::of(system_)),
        log_(loop_.time(), config_.level, write_line),
        trust_(certificates(config_),
               [this](const std::string& text) { log_.warn(text); }),
        spill_(config_.temporary_folder, limits_of_spill(config_)),
        held_(config_.temporary_folder, config_.function_name),
        client_(loop_, client_options(config_, &trust_)),
        agents_(loop_, agent_options(config_)),
        telemetry_(loop_, telemetry_options(config_)),
        signals_(loop_, [this](int which) { on_signal(which); }) {
    for (auto& secret : confidential_values(config_))
      log_.hide(std::move(secret));
    report(loaded.problems);
    start_tracing();
    take_plain_credentials();
    credentials_.on_secret(
        [this](const std::string& secret) { log_.hide(secret); });
    credentials_.on_ca_pem(
        [this](const std::string& pem) { trust_.add_pem(pem); });
  }

  int run() {
    open_edges();
    spawn_actors();
    loop_.run();
    held_.close();
    if (tracing_)
      tracing_->end(exit_code_);
    log_.settle();
    return exit_code_;
  }

private:
  void report(const std::vector<settings_problem>& problems) {
    for (const auto& p : problems)
      log_.write(p.is_fatal ? log_level::error : log_level::warn,
                 p.variable + ' ' + p.message);
  }

  /// What cannot be recorded is not: the extension works without.
  void start_tracing() {
    if (config_.trace == trace::export_mode::off)
      return;
    auto started = tracing::start(config_, loop_.time(), random_, APM_VERSION);
    if (!started)
      return log_.warn("no actor trace: " + started.error().detail);
    tracing_ = std::move(started.value());
    caf_config_.recording = &tracing_->actors();
    client_.observe(
        [this](const http_phases& x) { tracing_->note_request(x); });
  }

  /// Whoever records is told of, and sees recorded clock and randomness.
  void trace_world(ports& world) {
    if (!tracing_)
      return;
    auto* recorder = &tracing_->recorder();
    time_ = std::make_unique<recorded_clock>(loop_.time(), recorder);
    draws_ = std::make_unique<recorded_random>(random_, recorder);
    world.time = time_.get();
    world.random = draws_.get();
    world.trace = recorder;
    for (const auto& fact :
         {"extension=" + name_,
          "telemetry_port=" + std::to_string(telemetry_port_)})
      recorder->define(trace::entry_kind::fact, 0, 0, fact);
    auto setup = tracing_->setup_tracer(&log_);
    if (config_.trace != trace::export_mode::ring
        && !config_.server_url.empty())
      world.tracer = system_.spawn(tracer_port, std::move(setup));
    else
      describe_process(setup); // the TRACER would, when there is time
  }

  void take_plain_credentials() {
    credentials_.put(credential_kind::api_key, credential_origin::plain,
                     config_.api_key);
    credentials_.put(credential_kind::secret_token, credential_origin::plain,
                     config_.secret_token);
  }

  void open_edges() {
    if (auto watched = signals_.watch(); !watched)
      log_.warn(watched.error().detail);
    if (auto port = agents_.server().listen(); !port)
      log_.error("agents cannot reach us: " + port.error().detail
                 + ". Set ELASTIC_APM_DATA_RECEIVER_SERVER_PORT to a free "
                   "port");
    if (config_.server_url.empty() || config_.disables_logs_api)
      return;
    auto port = telemetry_.server().listen();
    if (port)
      telemetry_port_ = port.value();
    else
      log_.error("no function logs and platform metrics: "
                 + port.error().detail);
  }

  void spawn_actors() {
    ports world;
    world.http = system_.spawn(http_client_port, &client_, &credentials_);
    world.timers = system_.spawn(timers_port, &loop_.timers());
    world.agent_listener =
        system_.spawn(agent_listener_port, &agents_.server());
    world.telemetry_listener =
        system_.spawn(telemetry_listener_port, &telemetry_.server());
    world.application = system_.spawn(application, &loop_, &exit_code_);
    if (auto sources = aws_sources(config_); !sources.empty())
      world.credentials = spawn_credentials(world, std::move(sources));
    if (config_.spills && !config_.server_url.empty()) {
      world.spill = system_.spawn(
          spill_port,
          spill_port_setup{&spill_, &held_, config_.function_name, &log_});
      world.note_held = [this](const held_figures& x) { held_.keep(x); };
    }
    world.time = &loop_.time();
    world.random = &random_;
    world.log = &log_;
    trace_world(world);
    coordinator_setup coordination;
    coordination.config = &config_;
    coordination.compressor = &compressor_;
    coordination.version = APM_VERSION;
    auto coordinator =
        system_.spawn(invocation_coordinator, world, coordination);
    agents_.connect(coordinator);
    telemetry_.connect(coordinator);
    lifecycle_poller_setup polling;
    polling.coordinator = coordinator;
    polling.runtime_api = config_.runtime_api;
    polling.extension_name = name_;
    polling.is_managed =
        config_.initialization_type == "lambda-managed-instances";
    polling.telemetry_port = telemetry_port_;
    polling.telemetry_types = telemetry_types(config_);
    poller_ = system_.spawn(lifecycle_poller, world, polling);
  }

  credentials_actor spawn_credentials(const ports& world,
                                      std::vector<aws_source> sources) {
    credentials_port_setup setup;
    setup.config = &config_;
    setup.store = &credentials_;
    setup.sources = std::move(sources);
    setup.call = [this](const aws_call& x, http_client::callback on_answer) {
      client_.start(x.request, std::move(on_answer), x.signing);
    };
    setup.read_file = outside_.read_file;
    setup.hide = [this](const std::string& secret) { log_.hide(secret); };
    setup.timers = world.timers;
    setup.time = &loop_.time();
    return system_.spawn(credentials_port, std::move(setup));
  }

  void on_signal(int which) {
    caf::anon_send(poller_,
                   stop_requested{which == SIGINT ? "SIGINT" : "SIGTERM"});
  }

  std::string name_;
  outside_world outside_;
  settings config_;
  system_config caf_config_;
  caf::actor_system system_;
  loop& loop_;
  kernel_random random_;
  std::unique_ptr<tracing> tracing_; ///< none: nothing is recorded
  std::unique_ptr<recorded_clock> time_;
  std::unique_ptr<recorded_random> draws_;
  log log_;
  gzip_compressor compressor_;
  trust_store trust_;
  credential_store credentials_;
  spill_folder spill_;
  held_file held_;
  http_client client_;
  agent_listener agents_;
  telemetry_listener telemetry_;
  signals signals_;
  uint16_t telemetry_port_ = 0; ///< 0: no subscription
  lifecycle_poller_actor poller_;
  int exit_code_ = 0;
};

int run_extension(const std::string& name, const loaded_settings& loaded,
                  const outside_world& world) {
  // Never destroyed: the process ends with `_exit`, and an actor system waits
  // for each of its actors.
  auto* running = new extension{name, loaded, world};
  return running->run();
}

} // namespace apm
