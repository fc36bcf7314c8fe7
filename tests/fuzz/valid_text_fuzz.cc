// Text made fit to be passed on, inside a message that is like those that hold text from outside.
#include <cstdint>
#include <string>

#include "agent/observe/valid_text.h"
#include "proto/observation.pb.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  const std::string text(reinterpret_cast<const char*>(data), size);
  jettyfleet::v1::HostReport report;
  report.add_units()->add_journal_tail(text);
  report.mutable_units(0)->set_unit(text);
  report.add_ports()->add_listeners()->set_owner(text);
  jettyfleet::MakeTextValid(&report);
  const std::string& valid = report.units(0).unit();
  Demand(valid.size() <= 4096, "text is bounded");
  Demand(report.units(0).journal_tail(0) == valid && report.ports(0).listeners(0).owner() == valid,
         "text is the same at every depth");
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto c = static_cast<unsigned char>(valid[i]);
    Demand(c >= 0x20 && c != 0x7f, "no control characters");
    const bool second_of_control = c == 0xc2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xa0;
    Demand(!second_of_control, "no control characters that UTF-8 has of its own");
  }
  // The receiver refuses what is no UTF-8.
  jettyfleet::v1::HostReport received;
  Demand(received.ParseFromString(report.SerializeAsString()), "a peer can read it");
  jettyfleet::MakeTextValid(&report);
  Demand(report.units(0).unit() == received.units(0).unit(), "what is valid stays as it is");
  return 0;
}
