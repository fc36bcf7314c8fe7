#include "tests/testing/agent/fake_haproxy.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jettyfleet {
namespace {

constexpr char kHeader[] =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port\n";

}  // namespace

FakeHaproxy::FakeHaproxy(Loop& loop, std::string path) : loop_(loop), path_(std::move(path)) { Up(); }

FakeHaproxy::~FakeHaproxy() { Down(); }

void FakeHaproxy::Up() {
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(fd_, 16) < 0) std::abort();
  if (sd_event_add_io(loop_.event(), &source_, fd_, EPOLLIN, &FakeHaproxy::OnConnection, this) < 0) std::abort();
}

void FakeHaproxy::Down() {
  if (fd_ < 0) return;
  source_ = sd_event_source_disable_unref(source_);
  for (const auto& [client, source] : clients_) {
    sd_event_source_disable_unref(source);
    close(client);
  }
  clients_.clear();
  close(fd_);
  fd_ = -1;
  unlink(path_.c_str());
}

int FakeHaproxy::OnConnection(sd_event_source*, int fd, uint32_t, void* haproxy) {
  FakeHaproxy* const self = static_cast<FakeHaproxy*>(haproxy);
  const int client = accept(fd, nullptr, nullptr);
  sd_event_source* source = nullptr;
  if (sd_event_add_io(self->loop_.event(), &source, client, EPOLLIN, &FakeHaproxy::OnCommand, haproxy) < 0)
    std::abort();
  self->clients_[client] = source;
  return 0;
}

int FakeHaproxy::OnCommand(sd_event_source*, int fd, uint32_t, void* haproxy) {
  FakeHaproxy* const self = static_cast<FakeHaproxy*>(haproxy);
  char buffer[4096];
  const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
  if (got > 0) {
    const std::string answer = self->Answer(std::string(buffer, static_cast<std::size_t>(got) - 1));
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  sd_event_source_disable_unref(self->clients_[fd]);
  self->clients_.erase(fd);
  close(fd);
  return 0;
}

std::string FakeHaproxy::Answer(const std::string& command) {
  commands.push_back(command);
  const std::vector<std::string> words = absl::StrSplit(command, ' ');
  if (words[0] == "show") {
    if (words[3] != "be_jetty") return "Can't find backend.\n\n";
    std::string rows = kHeader;
    int id = 0;
    for (const auto& [server, state] : servers) {
      const Setting& setting = settings[server];
      absl::StrAppend(&rows, "3 be_jetty ", ++id, " ", server, " ", setting.address, " 2 ", state, " ", setting.weight,
                      " ", setting.configured_weight, " 0 8 2 0 6 0 0 0 - ", setting.port, " - 0 0 - - 0\n");
    }
    return rows + "\n";
  }
  const std::vector<std::string> names = absl::StrSplit(words[2], '/');
  if (names[0] != "be_jetty") return "No such backend.\n\n";
  const auto server = servers.find(names[1]);
  if (server == servers.end()) return "No such server.\n\n";
  if (ignores_set) return "\n";
  Setting& setting = settings[names[1]];
  if (words[3] == "weight") {
    setting.weight = static_cast<unsigned>(std::stoul(words[4]));
  } else if (words[3] == "addr") {
    setting.address = words[4];
    setting.port = static_cast<unsigned>(std::stoul(words[6]));
    return "IP changed from '10.9.0.1' to another by 'stats socket command'\n\n";
  } else {
    server->second = words[4] == "drain" ? 8 : words[4] == "maint" ? 1 : 0;
  }
  return "\n";
}

}  // namespace jettyfleet
