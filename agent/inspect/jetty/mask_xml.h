// Secrets in XML text: part of mask_secrets.h. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_MASK_XML_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_MASK_XML_H_

#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Works on the text, not on a parsed document, so that comments, layout and broken XML stay as they are. Masked are:
// everything within an element that is a secret's by its name, or by a name or value of an attribute (<Set
// name="password">), and that element's own values save those that name it; the text and the values after a text that
// is such a name itself (<Arg>password</Arg><Arg>...); in texts and values what follows "password:" or "password =" on
// a line; and what MaskValue masks anywhere. In comments, instructions and CDATA as outside of them. Where broken XML
// leaves it open what belongs to a secret, more is masked rather than less: to the text's end if a secret's element, or
// a quote, is never closed. Takes time and space for the text's length.
std::string MaskXml(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_MASK_XML_H_
