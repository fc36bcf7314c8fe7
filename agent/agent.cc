#include "agent/agent.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {

Agent::Agent(Loop& loop, ProcessRunner& processes, const Clock& clock,
             std::shared_ptr<grpc::ChannelCredentials> credentials, Options options)
    : clock_(clock),
      identity_(std::move(options.identity)),
      actor_(loop, processes, clock, OptionsWithLink(std::move(options.actor)), [this] { SendLeases(); }),
      observer_(loop, processes, std::move(options.observer),
                [this](v1::HostChange change) {
                  v1::AgentMessage message;
                  *message.mutable_change() = std::move(change);
                  link_.Send(std::move(message));
                }),
      link_(loop, std::move(credentials), std::move(options.link),
            CoordinatorLink::Handlers{
                .make_hello =
                    [this] {
                      v1::Hello hello = identity_;
                      *hello.mutable_sent_at() = ToProto(clock_.WallNow());
                      return hello;
                    },
                .on_welcome = [this](const v1::Welcome& welcome) { OnWelcome(welcome); },
                .on_message = [this](const v1::CoordinatorMessage& message) { OnMessage(message); },
                .on_lost = [] {},
            }) {}

Actor::Options Agent::OptionsWithLink(Actor::Options options) const {
  options.coordinator_address = [this] { return link_.CoordinatorAddress(); };
  return options;
}

absl::Status Agent::Start() {
  if (const absl::Status opened = actor_.Open(); !opened.ok()) return opened;
  observer_.Start();
  link_.Start();
  return absl::OkStatus();
}

void Agent::OnWelcome(const v1::Welcome& welcome) {
  if (const absl::Status noted = actor_.NoteEpoch(welcome.epoch()); !noted.ok()) {
    return link_.Restart(std::string(noted.message()));
  }
  v1::AgentMessage message;
  *message.mutable_snapshot() = observer_.Snapshot();
  for (v1::LeaseFact& lease : actor_.Leases()) *message.mutable_snapshot()->add_leases() = std::move(lease);
  link_.Send(std::move(message));
}

void Agent::OnMessage(const v1::CoordinatorMessage& message) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kWatch:
      return observer_.SetWatch(message.watch());
    case v1::CoordinatorMessage::kAction:
      LogInfo(absl::StrCat("action ", message.action().id()));
      return actor_.Execute(message.action(), [this](v1::ActionResult result) {
        LogInfo(absl::StrCat("action ", result.action_id(), ": ", v1::ActionResult::Outcome_Name(result.outcome()),
                             result.message().empty() ? "" : ": ", result.message()));
        v1::AgentMessage answer;
        *answer.mutable_result() = std::move(result);
        link_.Send(std::move(answer));
      });
    case v1::CoordinatorMessage::kObserve:
      return observer_.Observe(message.observe(), [this, id = message.observe().id()] {
        v1::AgentMessage answer;
        answer.mutable_observe_done()->set_id(id);
        link_.Send(std::move(answer));
      });
    case v1::CoordinatorMessage::kPing: {
      v1::AgentMessage answer;
      answer.mutable_pong()->set_id(message.ping().id());
      return link_.Send(std::move(answer));
    }
    case v1::CoordinatorMessage::kWelcome:
    case v1::CoordinatorMessage::KIND_NOT_SET:
      // A newer coordinator may say what this agent does not know; it must not depend on it (protocol range).
      return LogWarning("a message of an unknown kind from the coordinator; ignored");
  }
}

void Agent::SendLeases() {
  v1::AgentMessage message;
  message.mutable_change()->set_leases_changed(true);
  for (v1::LeaseFact& lease : actor_.Leases()) *message.mutable_change()->add_leases() = std::move(lease);
  link_.Send(std::move(message));
}

}  // namespace jettyfleet
