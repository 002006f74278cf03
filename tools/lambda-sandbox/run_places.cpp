// Directory and port of a run; see run_places.hpp.
#include "tools/lambda-sandbox/run_places.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace sandbox {

namespace {

/// Below are the ports of well-known services.
constexpr int port_least = 10'000;

int ephemeral_begin() {
  int begin = 0;
  std::ifstream{"/proc/sys/net/ipv4/ip_local_port_range"} >> begin;
  // Linux's own default, if the file is not to be had.
  return begin > port_least + 1'000 ? begin : 32'768;
}

/// Returns a socket that has a port on all addresses, and listens to nobody.
/// Without SO_REUSEADDR it keeps others away. *Errors*: -1.
int bind_everywhere(int port) {
  const int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bound < 0)
    return -1;
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(port));
  place.sin_addr.s_addr = htonl(INADDR_ANY);
  if (bind(bound, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0)
    return bound;
  close(bound);
  return -1;
}

/// Agents' receivers usually listen on all addresses: all must be free.
bool is_free(int port) {
  const int probe = bind_everywhere(port);
  if (probe >= 0)
    close(probe);
  return probe >= 0;
}

} // namespace

temporary_directory::temporary_directory() {
  std::error_code ignored;
  auto pattern =
      (std::filesystem::temp_directory_path(ignored) / "lambda-sandbox-XXXXXX")
          .string();
  if (mkdtemp(pattern.data()) != nullptr)
    path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

std::uint16_t find_agent_port() {
  std::random_device seed;
  std::mt19937 generator{seed()};
  std::uniform_int_distribution<int> port{port_least, ephemeral_begin() - 1};
  for (int attempt = 0; attempt < 100; ++attempt)
    if (const int candidate = port(generator); is_free(candidate))
      return static_cast<std::uint16_t>(candidate);
  return 0;
}

taken_port::~taken_port() {
  if (socket_ >= 0)
    close(socket_);
}

bool taken_port::take(std::uint16_t port) {
  socket_ = bind_everywhere(port);
  return socket_ >= 0;
}

} // namespace sandbox
