#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""A client that tries whether a server keeps to HTTP/2: the list of cases of h2spec, written anew.

Sections are those of RFC 7540 and RFC 7541. One line for each case; 1 if any failed.

    h2spec.py HOST PORT [--only 6.5.2/1] [--timeout 1]
"""
import argparse
import sys

from h2spec import compression, generic, messages, protocol
from h2spec.cases import Failed, Skipped, play

CASES = generic.CASES + protocol.CASES + messages.CASES + compression.CASES


def chosen(only):
    """A case, a section with those below it, or a group."""
    if not only:
        return CASES
    return [case for case in CASES if case.name == only or case.name.startswith((only + "/", only + "."))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--only", help="a case or a section: 6.5.2/1, 6.5, generic, hpack")
    parser.add_argument("--timeout", type=float, default=1.0, help="seconds until silence is an answer")
    arguments = parser.parse_args()
    cases = chosen(arguments.only)
    failed = 0
    for case in cases:
        try:
            play(case, arguments.host, arguments.port, arguments.timeout)
            print(f"ok {case.name} {case.what}", flush=True)
        except Skipped as reason:
            print(f"ok {case.name} {case.what} # skipped: {reason}", flush=True)
        except (Failed, OSError) as error:
            failed += 1
            print(f"FAILED {case.name} {case.what}: {error}", flush=True)
    print(f"{len(cases)} tests, {failed} failed")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
