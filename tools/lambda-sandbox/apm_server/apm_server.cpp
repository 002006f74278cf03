// The APM Server stand-in's outside: forwards to the state its connections
// share.
#include "tools/lambda-sandbox/apm_server/apm_server.hpp"

#include "tools/lambda-sandbox/apm_server/server_state.hpp"

#include <utility>

namespace sandbox {

apm_server::apm_server(boost::asio::io_context& io,
                       apm_server_settings settings, request_handler on_request)
    : state_(std::make_shared<server_state>(io, std::move(settings),
                                            std::move(on_request))) {}

apm_server::~apm_server() {
  state_->close();
}

std::optional<std::uint16_t> apm_server::listen(std::uint16_t port) {
  return state_->listen(port);
}

const std::string& apm_server::error() const {
  return state_->error();
}

const std::vector<received_line>& apm_server::lines() const {
  return state_->lines();
}

const std::vector<received_request>& apm_server::requests() const {
  return state_->requests();
}

std::size_t apm_server::open_requests() const {
  return state_->open_requests();
}

void apm_server::close() {
  state_->close();
}

} // namespace sandbox
