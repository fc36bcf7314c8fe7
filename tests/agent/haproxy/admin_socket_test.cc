#include "agent/haproxy/admin_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

// Listens as HAProxy does: one connection, one command, one answer, close.
class OneShotServer {
 public:
  OneShotServer() {
    char name[] = "/tmp/admin_socket_test_XXXXXX";
    directory_ = mkdtemp(name);
    path_ = absl::StrCat(directory_, "/sock");
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd_, 8), 0);
  }
  ~OneShotServer() {
    if (thread_.joinable()) thread_.join();
    close(fd_);
    unlink(path_.c_str());
    rmdir(directory_.c_str());
  }

  void AnswerOnce(std::string answer) {
    thread_ = std::thread([this, answer = std::move(answer)] {
      const int client = accept(fd_, nullptr, nullptr);
      char c;
      while (read(client, &c, 1) == 1 && c != '\n') asked_ += c;
      std::size_t sent = 0;
      while (sent < answer.size()) {
        const ssize_t wrote = send(client, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (wrote <= 0) break;
        sent += wrote;
      }
      close(client);
    });
  }

  const std::string& path() const { return path_; }
  // After the answer has arrived.
  const std::string& asked() const { return asked_; }

 private:
  std::string directory_;
  std::string path_;
  int fd_;
  std::thread thread_;
  std::string asked_;
};

class AdminSocketTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Ask(const std::string& path, std::string command,
                                  absl::Duration timeout = absl::Seconds(10)) {
    AdminSocket socket(*loop_, path);
    std::optional<absl::StatusOr<std::string>> got;
    socket.Ask(std::move(command), timeout, [&](absl::StatusOr<std::string> answer) {
      EXPECT_FALSE(got.has_value());
      got = std::move(answer);
    });
    EXPECT_FALSE(got.has_value()) << "done was called from inside Ask";
    while (!got.has_value()) sd_event_run(loop_->event(), UINT64_MAX);
    return *got;
  }

  std::unique_ptr<Loop> loop_ = *Loop::Create();
  OneShotServer server_;
};

TEST_F(AdminSocketTest, AnswerArrivesWhole) {
  const std::string answer(200000, 'x');
  server_.AnswerOnce(answer + "\n\n");
  const auto got = Ask(server_.path(), "show servers state be_jetty");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(*got, answer + "\n\n");
  EXPECT_EQ(server_.asked(), "show servers state be_jetty");
}

TEST_F(AdminSocketTest, AnEmptyAnswerIsALineBreak) {
  server_.AnswerOnce("\n");
  const auto got = Ask(server_.path(), "set server be_jetty/node-01 state drain");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(*got, "\n");
}

TEST_F(AdminSocketTest, AnswerCutShortIsNotBelieved) {
  for (const char* answer : {"", "1\n# be_id be_name"}) {
    OneShotServer server;
    server.AnswerOnce(answer);
    const auto got = Ask(server.path(), "show servers state");
    EXPECT_EQ(got.status().code(), absl::StatusCode::kUnavailable) << answer;
  }
}

TEST_F(AdminSocketTest, TooLongAnAnswerIsAnError) {
  server_.AnswerOnce(std::string(kAdminAnswerLimitBytes, 'x') + "\n\n");
  EXPECT_EQ(Ask(server_.path(), "show stat").status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(AdminSocketTest, NobodyThereIsUnavailableAndNamesThePath) {
  const auto got = Ask("/tmp/admin_socket_test_nobody/sock", "show stat");
  EXPECT_EQ(got.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("/tmp/admin_socket_test_nobody/sock"));
  EXPECT_EQ(Ask("", "show stat").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask(std::string(200, 'p'), "show stat").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(AdminSocketTest, SilenceEndsAtTheDeadline) {
  // Nobody accepts: the kernel's backlog takes the connection and the command.
  const auto got = Ask(server_.path(), "show stat", absl::Milliseconds(50));
  EXPECT_EQ(got.status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(AdminSocketTest, OneCommandCannotBecomeTwo) {
  for (const std::string& command : {std::string("show stat;shutdown sessions server a/b"), std::string("a\nb"),
                                     std::string(), std::string(5000, 'a'), std::string("a\0b", 3)}) {
    EXPECT_EQ(Ask(server_.path(), command).status().code(), absl::StatusCode::kInvalidArgument) << command;
  }
}

TEST_F(AdminSocketTest, DestructionDropsWhatIsOutstanding) {
  {
    AdminSocket socket(*loop_, server_.path());
    socket.Ask("show stat", absl::Seconds(1), [](absl::StatusOr<std::string>) { ADD_FAILURE(); });
    socket.Ask("bad;command", absl::Seconds(1), [](absl::StatusOr<std::string>) { ADD_FAILURE(); });
  }
  const std::unique_ptr<Timer> end = loop_->After(absl::Milliseconds(20), [this] { loop_->Exit(0); });
  loop_->Run();
}

}  // namespace
}  // namespace jettyfleet
