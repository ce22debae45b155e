"""Benchmarks are run by `make bench`; nothing here is a test."""

collect_ignore_glob = ["*.py"]
