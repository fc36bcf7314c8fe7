// One record of the coordinator's journal as one line.
#ifndef JETTYFLEET_CLIENT_RENDER_EVENT_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_EVENT_VIEW_H_

#include <string>

#include "proto/journal.pb.h"

namespace jettyfleet {

// Pure; with its line break. A kind that this program does not know is said to be so, and never left out.
std::string RenderEvent(const v1::JournalRecord& event, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_EVENT_VIEW_H_
