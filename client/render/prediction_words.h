// What Pacemaker is expected to do, in words.
#ifndef JETTYFLEET_CLIENT_RENDER_PREDICTION_WORDS_H_
#define JETTYFLEET_CLIENT_RENDER_PREDICTION_WORDS_H_

#include <string>

#include "proto/audit.pb.h"

namespace jettyfleet {

// "stop jetty on node-02, fence node-02"; of many only how many more there are; "nothing". Not for an error.
std::string PredictionWords(const v1::PredictedTransition& predicted);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_PREDICTION_WORDS_H_
