#include "client/command/events_command.h"

#include "client/interrupt.h"
#include "client/json.h"
#include "client/render/event_view.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsual = absl::Minutes(1);

// One stream, printed as it comes. `last` is the cursor, moved on with every event.
grpc::Status Print(Session& session, const EventsArguments& arguments, InterruptWatch* interrupts, uint64_t* last,
                   bool* connected) {
  v1::ListEventsRequest request;
  request.set_cluster(arguments.cluster);
  request.set_after(*last);
  request.set_follow(arguments.follow);
  const auto context = session.Context(arguments.follow ? absl::InfiniteDuration() : kUsual);
  if (interrupts != nullptr) interrupts->OnInterrupt([&context] { context->TryCancel(); });
  const auto stream = session.stub().ListEvents(context.get(), request);
  v1::ListEventsResponse response;
  const Console& console = session.console();
  while (stream->Read(&response)) {
    *connected = true;
    *last = response.event().sequence();
    console.out << (session.json() ? ToJsonLine(response.event()) : RenderEvent(response.event(), console.colour))
                << std::flush;
  }
  const grpc::Status status = stream->Finish();
  if (interrupts != nullptr) interrupts->OnInterrupt(nullptr);
  return status;
}

}  // namespace

ExitCode RunEvents(Session& session, const EventsArguments& arguments) {
  uint64_t last = arguments.after;
  bool connected = false;
  if (!arguments.follow) {
    const grpc::Status status = Print(session, arguments, nullptr, &last, &connected);
    return status.ok() ? kExitYes : session.Fail(status);
  }
  InterruptWatch interrupts;
  bool told = false;
  for (;;) {
    bool came = false;
    const grpc::Status status = Print(session, arguments, &interrupts, &last, &came);
    if (interrupts.interrupted()) return kExitYes;
    connected = connected || came;
    if (came) told = false;
    const bool lost = status.ok() || status.error_code() == grpc::UNAVAILABLE;
    if (!lost || !connected) return session.Fail(status);
    if (!told) PrintError(session.console(), "the coordinator is gone; trying again until it is back");
    told = true;
    if (interrupts.Sleep(arguments.retry_after)) return kExitYes;
  }
}

}  // namespace jettyfleet
