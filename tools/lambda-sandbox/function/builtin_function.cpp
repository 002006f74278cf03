// The built-in function's process: init phase, then one invocation after the
// other, until Lambda ends it; under Managed Instances so in each worker.
#include "tools/lambda-sandbox/function/builtin_function.hpp"

#include "tools/lambda-sandbox/function/handler.hpp"
#include "tools/lambda-sandbox/function/workers.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace sandbox {

namespace {

/// AWS's Node.js runtime client exits so after an error in the init phase.
constexpr int init_error_exit_status = 129;

/// Scripts may ask for more parallel connections than the usual 1,024 files.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const builtin::function_environment& environment,
          const builtin::process_lock* among_workers) {
  builtin::fact_writer facts{
      builtin::fact_writer::descriptor_from_environment(), among_workers};
  builtin::runtime_client runtime{environment.runtime_api};
  builtin::handler user_code{environment, facts, runtime};
  builtin::sleep_until_ns(builtin::monotonic_ns()
                          + environment.init_ms * builtin::ns_per_ms);
  if (!environment.init_error.empty()) {
    runtime.init_error(environment.init_error, "the init phase failed");
    std::_Exit(init_error_exit_status);
  }
  user_code.start();
  while (const auto invoked = runtime.next())
    user_code.run(*invoked);
  // No destructors: a thread that asks for the server's version may still use
  // the agent.
  std::_Exit(0);
}

} // namespace

int run_builtin_function(int, char**) {
  std::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  std::string message;
  const auto environment = builtin::read_environment(message);
  if (!environment) {
    std::fprintf(stderr, "built-in function: %s\n", message.c_str());
    return 1;
  }
  if (!environment->concurrency)
    return serve(*environment, nullptr);
  const builtin::process_lock among_workers;
  return builtin::run_workers(*environment->concurrency, [&] {
    return serve(*environment, &among_workers);
  });
}

} // namespace sandbox
