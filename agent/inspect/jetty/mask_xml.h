// Secrets in XML text: part of mask_secrets.h. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_MASK_XML_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_MASK_XML_H_

#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Works on the text, not on a parsed document, so that comments, layout and broken XML stay as they are. Masked are:
// all texts and values within an element that is a secret's by its name, or by that of an attribute (<Set
// name="password">); the text after one that is such a name itself (<Arg>password</Arg><Arg>...); and what MaskValue
// masks anywhere.
std::string MaskXml(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_MASK_XML_H_
