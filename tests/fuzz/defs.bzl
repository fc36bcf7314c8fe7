"""One fuzz target: replayed by `bazel test`, a real fuzzer with --config=fuzz."""

load("//bazel:defs.bzl", "WARNINGS")

def fuzz_target(name, deps, fixtures = [], mutations = 2000):
    """NAME_fuzz.cc over corpus/NAME.

    Args:
      name: of the parser.
      deps: what NAME_fuzz.cc includes.
      fixtures: more of the corpus, files of //tests/fixtures/cluster.
      mutations: how many `bazel test` runs.
    """
    native.cc_test(
        name = name + "_fuzz",
        size = "small",
        srcs = [name + "_fuzz.cc"],
        args = select({
            ":with_fuzzer": ["-runs=%d" % mutations, "-max_len=65536"],
            "//conditions:default": ["--mutations=%d" % mutations],
        }) + ["tests/fuzz/corpus/" + name] + select({
            # libFuzzer takes directories only.
            ":with_fuzzer": [],
            "//conditions:default": ["tests/fixtures/cluster/" + fixture for fixture in fixtures],
        }),
        copts = WARNINGS,
        data = native.glob(["corpus/" + name + "/*"]) + (["//tests/fixtures/cluster"] if fixtures else []),
        deps = [":demand"] + deps + select({
            ":with_fuzzer": [],
            "//conditions:default": [":replay_main"],
        }),
    )
