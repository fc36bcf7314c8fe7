"""Macros for our own code: warnings are errors, and protoc with gRPC's plugin makes the stubs."""

WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-missing-field-initializers",
    "-Wno-sign-compare",
]

def jf_library(name, copts = [], **kwargs):
    native.cc_library(name = name, copts = WARNINGS + copts, **kwargs)

def jf_binary(name, copts = [], **kwargs):
    native.cc_binary(name = name, copts = WARNINGS + copts, **kwargs)

def jf_test(name, copts = [], deps = [], size = "small", **kwargs):
    native.cc_test(
        name = name,
        size = size,
        copts = WARNINGS + copts,
        deps = deps + ["//bazel:gtest_main"],
        **kwargs
    )

def jf_proto_messages(name, src, deps = [], **kwargs):
    """Message code for one .proto; `deps` are other jf_proto_messages targets it imports.

    Args:
      name: the library's name.
      src: the .proto file.
      deps: libraries of imported messages.
      **kwargs: passed to the cc_library.
    """
    stem = src[:-len(".proto")]
    native.genrule(
        name = name + "_gen",
        srcs = native.glob(["*.proto"]),
        outs = [stem + ".pb.h", stem + ".pb.cc"],
        cmd = "protoc -I. --cpp_out=$(GENDIR) $(location %s)" % src,
    )
    native.cc_library(
        name = name,
        srcs = [stem + ".pb.cc"],
        hdrs = [stem + ".pb.h"],
        deps = deps + ["//bazel:protobuf"],
        **kwargs
    )

def jf_grpc_service(name, src, deps, **kwargs):
    """Service stubs for one .proto that declares services and no messages of its own.

    Args:
      name: the library's name.
      src: the .proto file.
      deps: libraries of the messages it uses.
      **kwargs: passed to the cc_library.
    """
    stem = src[:-len(".proto")]
    native.genrule(
        name = name + "_gen",
        srcs = native.glob(["*.proto"]),
        outs = [stem + ".pb.h", stem + ".pb.cc", stem + ".grpc.pb.h", stem + ".grpc.pb.cc"],
        cmd = ("protoc -I. --cpp_out=$(GENDIR) --grpc_out=$(GENDIR) " +
               "--plugin=protoc-gen-grpc=$$(which grpc_cpp_plugin) $(location %s)") % src,
    )
    native.cc_library(
        name = name,
        srcs = [stem + ".pb.cc", stem + ".grpc.pb.cc"],
        hdrs = [stem + ".pb.h", stem + ".grpc.pb.h"],
        deps = deps + ["//bazel:grpc"],
        **kwargs
    )
