// The version that all three programs carry.
#ifndef JETTYFLEET_COMMON_VERSION_H_
#define JETTYFLEET_COMMON_VERSION_H_

namespace jettyfleet {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_VERSION_H_
