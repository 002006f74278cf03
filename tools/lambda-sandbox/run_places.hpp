// What a run needs of the machine: a private directory and a port on which
// agent and extension can meet.
#pragma once

#include <cstdint>
#include <string>

namespace sandbox {

/// A private directory, removed with all that is in it when this goes.
class temporary_directory {
public:
  temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory();

  /// Empty if it could not be made.
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// Returns a port that is free now, and that the kernel gives to nobody who
/// asks for any port: it lies outside net.ipv4.ip_local_port_range. *Errors*: 0
/// if none was found.
std::uint16_t find_agent_port();

/// A port that nobody else can listen on while this lives. Who connects to it
/// is refused.
class taken_port {
public:
  taken_port() = default;
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;
  ~taken_port();

  /// Takes a port on all addresses. *Errors*: false if somebody else has it.
  bool take(std::uint16_t port);

private:
  int socket_ = -1;
};

} // namespace sandbox
