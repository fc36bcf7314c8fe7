// What a drill breaks, and gives back, in words.
#ifndef JETTYFLEET_CLIENT_RENDER_FAULT_WORDS_H_
#define JETTYFLEET_CLIENT_RENDER_FAULT_WORDS_H_

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {

// "freeze unit jetty9": after "HOST is told to". Empty: the action is none of them.
std::string FaultWords(const v1::Action& action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_FAULT_WORDS_H_
