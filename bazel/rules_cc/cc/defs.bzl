"""The native C++ rules under the names that rules_cc gives them.

Debian's rules_cc does not load in its own Bazel 4.2.3; the native rules need no more than this.
"""

cc_binary = native.cc_binary
cc_library = native.cc_library
cc_test = native.cc_test
cc_import = native.cc_import
cc_proto_library = native.cc_proto_library
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_library = native.objc_library
