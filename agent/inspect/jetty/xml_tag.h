// One tag of XML text, broken ones too: part of mask_xml.h. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_XML_TAG_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_XML_TAG_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// All positions count from the beginning of the text that was read.
struct XmlTag {
  struct Attribute {
    absl::string_view name;
    // Of the value, without its quotes. It may reach beyond the tag's end, see `doubtful`.
    std::size_t begin = 0;
    std::size_t end = 0;
    // The value holds a '<', which XML forbids, or its quote is never closed: nobody can say where the tag ends. It
    // then ends, for us, at that '<', so that a tag that begins there is seen as well.
    bool doubtful = false;
  };

  absl::string_view name;  // with the '!' or '?' of a declaration or an instruction
  std::vector<Attribute> attributes;
  // Just past its '>', or at a '<' before that, or the end of the text.
  std::size_t end = 0;
  bool closes = false;       // </NAME>
  bool empty = false;        // <NAME/>
  bool well_formed = false;  // an opening or closing tag just as XML wants it
};

// Whether markup may begin at the '<' that stands at `at`: "1 < 2" is none.
bool BeginsMarkup(absl::string_view text, std::size_t at);

// The tag, declaration or instruction that begins at the '<' at `at`. An apostrophe is a quote only behind a '='. Takes
// time for what it reads, and reads no further than the attributes' ends.
XmlTag ReadXmlTag(absl::string_view text, std::size_t at);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_XML_TAG_H_
