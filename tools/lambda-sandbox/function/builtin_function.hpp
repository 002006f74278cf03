// The built-in function: a real process of its own that speaks the Runtime API
// as AWS's runtime clients do, with an APM agent on board that behaves on the
// wire like Elastic's for Node.js, Python or Java. lambda-sandbox starts itself
// again for it, with `builtin-function` as the first argument:
//   if (argc > 1 && std::string_view{argv[1]} ==
//   sandbox::builtin_function_name)
//     return sandbox::run_builtin_function(argc, argv);
// It reads from the environment: AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_FUNCTION_*,
// AWS_REGION, AWS_LAMBDA_LOG_{GROUP,STREAM}_NAME, AWS_LAMBDA_LOG_FORMAT,
// AWS_LAMBDA_MAX_CONCURRENCY (so many workers, workers.hpp),
// ELASTIC_APM_SERVER_URL, ELASTIC_APM_SECRET_TOKEN, ELASTIC_APM_API_KEY,
// LAMBDA_SANDBOX_REPORT_FD (facts.hpp) and LAMBDA_SANDBOX_AGENT: `node`
// (default), `python`, `java` or `none`, the agent from the first moment on;
// what a script says later must be the same or `none`.
#pragma once

namespace sandbox {

/// First argument of the process that is the built-in function.
inline constexpr const char* builtin_function_name = "builtin-function";

/// Runs the function until Lambda ends it.
/// *Errors*: returns the exit status: 0 never by itself, 1 if the environment
/// is no Lambda environment, else what the script asked for.
int run_builtin_function(int argc, char** argv);

} // namespace sandbox
